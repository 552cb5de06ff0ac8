#!/usr/bin/python3
"""What forms say, through the whole program and the real engines: claims, date tables, findings, drafts. Invented people only."""
import csv, functools, json, re, shutil
import xml.etree.ElementTree as ET
from tap import case, dangan, finish, folder, packages, sample, source

GOOD, PDF = '606129196201204759', '12036519341023878X'
HEAD = ['序号', '姓名', '身份证号码', '性别', '出生日期', '退休手续办理时间', '生存状态', '死亡日期', '所属单位', '户籍所在地', '页数', '档案局档号', '保管期限', '备注']
ROW = ['1', '钟勇学', GOOD, '男', '19620120', '20120101', '健在', '', '上饶东方红轴承厂', '江西省上饶市', '4', 'J-1', '永久', '']
MATERIALS = [['一', '1', '职工登记表', '200906', '1', '1', ''], ['三', '1', '年度鉴定表', '', '1', '1', ''], ['九-1', '1', '退休审批表', '', '1', '1', ''],
             ['十', '1', '介绍信', '200202', '1', '1', '']]
COLUMNS = ['类号', '序号', '材料名称', '材料形成时间', '份数', '页数', '备注']
NAMESPACE = '{urn:dangan:dossier:1}'


def write_csv(path, rows):
    with open(path, 'w', encoding='utf-8-sig', newline='') as f:
        csv.writer(f).writerows(rows)


def batch(row=ROW, materials=MATERIALS):
    """One dossier of the sample batch; `materials` None = without a catalogue."""
    path = folder() / 'batch'
    path.mkdir()
    shutil.copy(sample / 'batch.conf', path)
    shutil.copytree(sample / GOOD, path / GOOD)
    (path / GOOD / '目录.xlsx').unlink()
    write_csv(path / '移交案卷目录.csv', [['国有企业退休人员人事档案移交案卷目录'], HEAD, row])
    if materials:
        write_csv(path / GOOD / '目录.csv', [COLUMNS, *materials])
    return path


@functools.cache
def work_of(ocr):
    """The work of one run, which every later one over the same scans finds: they are recognized once an engine."""
    path = batch()
    dangan('ingest', path, '--out', path.parent / 'out', '--ocr', ocr, status=(0, 1))
    return path.parent / 'out'


def ingest(path, *options, status=(0, 1), ocr='tesseract'):
    out = path.parent / 'out'
    if not out.exists():
        out.mkdir()
        shutil.copytree(work_of(ocr) / '.dangan', out / '.dangan')
        shutil.copy(work_of(ocr) / 'packages.csv', out)
    done = dangan('ingest', path, '--out', out, '--ocr', ocr, *options, status=status)
    return out, json.loads((out / 'ingest-report.json').read_text()), done.stdout + done.stderr


def findings(report, rule):
    return [f for d in report['dossiers'] for f in d['findings'] if f['rule'] == rule]


def dossier_xml(package):
    return ET.parse(next(package.glob('data/*/metadata/descriptive/dossier.xml'))).getroot()


@case
def claims_lie_in_the_dossier_with_their_places_and_nowhere_else():
    out, report, _ = ingest(batch())
    package = packages(out)[0]
    claims = dossier_xml(package).findall(f'{NAMESPACE}claims/{NAMESPACE}claim')
    titles = {c.get('stem'): c.text for c in claims if c.get('field') == 'title'}
    names = [c.text for c in claims if c.get('field') == 'name']
    assert titles.get('1-1-001') == '职工登记表', titles
    assert '钟勇学' in names, names
    for claim in claims:
        assert int(claim.get('w-px')) > 0 and int(claim.get('h-px')) > 0 and claim.get('doubtful') in ('true', 'false'), claim.attrib
    for file in package.rglob('*'):
        if file.suffix in ('.xml', '.json', '.txt') and file.name != 'dossier.xml' and 'ocr' not in file.parts:
            assert '钟勇学' not in file.read_text(), file


@case
def a_date_table_lies_beside_the_report_and_is_linked():
    out, report, _ = ingest(batch(), ocr='auto')
    entry = report['dossiers'][0]
    html = (out / 'ingest-report.html').read_text()
    dates = [d for d in entry.get('dates', []) if d['rows']]
    if not dates:
        raise AssertionError('no form of the sample gave a date')
    table = out / 'dates' / f"{entry['id']}.html"
    assert f"dates/{entry['id']}.html" in html
    assert json.loads((out / 'dates' / f"{entry['id']}.json").read_text()) == entry['dates']
    for image in re.findall(r'<img[^>]* src="([^"]+)"', table.read_text()):
        assert (table.parent / image).is_file(), image


@case
def the_name_of_another_person_on_a_page_is_told():
    row = ROW[:]
    row[1] = '李秀英'
    _, report, text = ingest(batch(row))
    pages = {f['page'] for f in findings(report, 'CAT-012')}
    assert pages, text
    assert all(f['found'] != '李秀英' and f['wanted'] == '李秀英' for f in findings(report, 'CAT-012'))
    assert '钟勇学' not in text and '李秀英' not in text, 'names stay out of what a terminal keeps'
    _, report, _ = ingest(batch())
    assert not findings(report, 'CAT-012')


@case
def titles_that_contradict_the_catalogue_are_told_with_page_and_row():
    rows = [r[:] for r in MATERIALS]
    rows[1][2], rows[3][2] = rows[3][2], rows[1][2]
    _, report, text = ingest(batch(materials=rows))
    assert {(f['page'], f['row']) for f in findings(report, 'CAT-011')} == {('3-1-001', 3), ('10-1-001', 5)}, text
    _, report, _ = ingest(batch())
    assert not findings(report, 'CAT-011')


@case
def counts_that_do_not_fit_are_located_by_the_titles():
    path = batch()
    first_content = sorted(p for p in (path / GOOD).iterdir() if p.suffix != '.csv')[2]
    first_content.unlink()
    _, report, text = ingest(path, status=3)
    found = findings(report, 'XML-005')
    assert len(found) == 1 and found[0]['row'] == 3, found
    assert '年度鉴定表' in found[0]['message'] and '0 of 1' in found[0]['message'], found


@case
def missing_materials_are_told():
    _, report, _ = ingest(batch())
    assert {f['wanted'] for f in findings(report, 'CAT-009')} >= {'招工、录用、分配或入伍材料'}
    assert '退休审批表' not in {f['wanted'] for f in findings(report, 'CAT-009')}


@case
def a_folder_without_a_catalogue_gets_one_message_and_a_draft():
    path = batch(materials=None)
    before = sorted(p.name for p in (path / GOOD).iterdir())
    out, report, text = ingest(path, status=3)
    assert not packages(out)
    assert len(findings(report, 'CAT-007')) == 1 and 'drafts/' in findings(report, 'CAT-007')[0]['message'], text
    assert sorted(p.name for p in (path / GOOD).iterdir()) == before, 'the input is not touched'
    draft = out / 'drafts' / GOOD / '目录-draft.csv'
    rows = list(csv.reader(open(draft, encoding='utf-8-sig', newline='')))
    assert rows[0] == COLUMNS, rows
    assert [r[0] for r in rows[1:]] == ['一', '三', '九-1', '十'], rows
    shutil.copy(draft, path / GOOD / '目录.csv')
    done = json.loads(dangan('ingest', path, '--out', out, '--ocr', 'tesseract', '--json', status=(0, 1)).stdout)
    assert done['packaged'] == 1 and done['done']['sides_read'] == 0, done
    assert dossier_xml(packages(out)[0]).find(f'{NAMESPACE}catalogue').get('draft') == 'false'


@case
def a_draft_is_packaged_only_when_it_is_said_and_never_accepted():
    path = batch(materials=None)
    out, report, text = ingest(path, '--draft-catalogue')
    assert len(packages(out)) == 1, text
    assert dossier_xml(packages(out)[0]).find(f'{NAMESPACE}catalogue').get('draft') == 'true'
    assert [f['severity'] for f in findings(report, 'CAT-007')] == ['warning']
    answer = dangan('verify', out, '--report', out.parent / 'verify.json', status=1)
    assert 'CAT-013' in (out.parent / 'verify.json').read_text(), answer.stdout
    again = json.loads(dangan('ingest', path, '--out', out, '--ocr', 'tesseract', '--draft-catalogue', '--json', status=(0, 1)).stdout)
    assert again['unchanged'] == 1, again


@case
def without_recognition_there_is_no_draft_and_the_message_says_so():
    path = batch(materials=None)
    done = dangan('ingest', path, '--out', path.parent / 'out', '--ocr', 'none', '--draft-catalogue', status=3)
    assert '目录.csv' in done.stdout + done.stderr and not (path.parent / 'out' / 'drafts').exists(), done.stderr


@case
def a_changed_profile_redoes_the_description_alone():
    path = batch()
    out, report, _ = ingest(path)
    assert not findings(report, 'CAT-008')
    profiles = path.parent / 'profiles'
    shutil.copytree(source / 'schemas/profiles', profiles)
    own = profiles / 'soe-retiree.xml'
    text = own.read_text()
    head, form, rest = text.partition('<form name="retirement-approval"')
    own.write_text(head + form + rest.replace('scheme="cadre-2018" code="9-1"', 'scheme="cadre-2018" code="9-2"', 1))
    done = json.loads(dangan('ingest', path, '--out', out, '--ocr', 'tesseract', '--profile-dir', profiles, '--json', status=(0, 1)).stdout)
    assert done['packaged'] == 1 and done['done']['sides_read'] == 0 and done['done']['sides_imaged'] == 0, done
    report = json.loads((out / 'ingest-report.json').read_text())
    assert [f['wanted'] for f in findings(report, 'CAT-008')] == ['9-2']


@case
def a_profile_that_says_nothing_of_forms_describes_nothing():
    path = batch()
    profiles = path.parent / 'profiles'
    shutil.copytree(source / 'schemas/profiles', profiles)
    own = profiles / 'soe-retiree.xml'
    own.write_text(re.sub('  <forms .*?</forms>\n', '', own.read_text(), flags=re.S))
    out, report, _ = ingest(path, '--profile-dir', profiles)
    assert not report['dossiers'][0].get('dates') and not findings(report, 'CAT-009')
    # An ID number needs no form around it: its check digit says what it is.
    claims = dossier_xml(packages(out)[0]).findall(f'{NAMESPACE}claims/{NAMESPACE}claim')
    assert {c.get('field') for c in claims} <= {'id-number'}, [c.text for c in claims]


finish()
