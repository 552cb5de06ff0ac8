#!/usr/bin/python3
"""Separator sheets as a user meets them: made of the handover list, printed by a browser, scanned between the paper, split by ingest."""
import csv, json, pathlib, shutil, subprocess
from tap import case, dangan, finish, folder, packages, sample

GOOD, OTHER = '606129196201204759', '12036519341023878X'
NUMBERS = {GOOD: 'RS-2020-900-0001', OTHER: 'RS-2020-900-0002'}
TITLE = ['国有企业退休人员人事档案移交案卷目录']
HEAD = ['序号', '姓名', '身份证号码', '性别', '出生日期', '退休手续办理时间', '生存状态', '死亡日期', '所属单位', '户籍所在地', '页数', '档案局档号', '保管期限', '备注']
ROWS = {GOOD: ['1', '钟勇学', GOOD, '男', '19620120', '20190101', '健在', '', '上饶东方红轴承厂', '江西省上饶市', '4', NUMBERS[GOOD], '永久', ''],
        OTHER: ['2', '方维强', OTHER, '女', '19341023', '19841001', '健在', '', '上饶东方红轴承厂', '甘肃省天水市', '2', NUMBERS[OTHER], '永久', '']}


def batch(*ids):
    path = folder() / 'batch'
    path.mkdir()
    with open(path / '移交案卷目录.csv', 'w', encoding='utf-8-sig', newline='') as f:
        csv.writer(f).writerows([TITLE, HEAD, *(ROWS[i] for i in ids)])
    return path


def printed(number):
    """The sheet of one dossier as a picture of 200 dpi."""
    path = batch(number)
    html, png = path.parent / 'sheets.html', path.parent / 'sheet.png'
    dangan('separators', path, '--out', html, status=0)
    subprocess.run(['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=794,1122', '--force-device-scale-factor=2.0833',
                    f'--screenshot={png}', html.as_uri()], check=True, capture_output=True, timeout=120)
    return png


@case
def each_row_gets_a_sheet_and_each_material_on_demand():
    path = batch(GOOD, OTHER)
    out = path.parent / 'sheets.html'
    assert json.loads(dangan('separators', path, '--out', out, '--json', status=0).stdout)['sheets'] == 2
    text = out.read_text()
    assert 'DA1:D:RS-2020-900-0001' in text and '钟勇学' in text and GOOD not in text
    shutil.copytree(sample / OTHER, path / OTHER)
    answer = json.loads(dangan('separators', path, '--materials', '--out', out, '--json', status=0).stdout)
    assert answer['sheets'] > 2 and 'DA1:M:' in out.read_text(), answer


@case
def wrong_use_is_told():
    assert '--out' in dangan('separators', batch(GOOD), status=2).stderr
    assert 'missing' in dangan('separators', folder() / 'missing', '--out', folder() / 'x', status=2).stderr
    path = folder() / 'batch'
    shutil.copytree(sample / OTHER, path / OTHER)
    assert '移交案卷目录' in dangan('separators', path, '--out', path / 'x.html', status=2).stderr


@case
def printed_sheets_split_a_stack_of_two_dossiers():
    if not shutil.which('chromium'):
        return 'SKIP needs chromium'
    path = batch(GOOD, OTHER)
    stack = path / '0302上午'
    stack.mkdir()
    n = 0
    for number in (GOOD, OTHER):
        scans = sorted(p for p in (sample / number).iterdir() if p.suffix in ('.jpg', '.png', '.tif', '.pdf'))
        for source in [printed(number), *scans]:
            n += 1
            shutil.copy(source, stack / f'{n:04}{source.suffix}')
        (path / number).mkdir()
        for catalogue in (sample / number).glob('目录.*'):
            shutil.copy(catalogue, path / number)
    out = path.parent / 'out'
    dangan('ingest', path, '--out', out, '--ocr', 'none', status=(0, 1))
    assert len(packages(out)) == 2
    dangan('verify', out, status=0)
    report = json.loads((out / 'ingest-report.json').read_text())
    for dossier in report['dossiers']:
        assert any(f['rule'] == 'ACQ-001' for f in dossier['findings']), dossier['findings']
    assert report['dossiers'][0]['sides'] + report['dossiers'][1]['sides'] == sum(
        len(list((out / p.name / 'data' / p.name / 'representations/master/data').iterdir())) for p in packages(out))


@case
def the_sample_batches_hold_no_sheet():
    path = folder() / 'batch'
    shutil.copytree(sample, path)
    (path / 'batch.conf').write_text((path / 'batch.conf').read_text() + '\nseparators = always\n')
    out = path.parent / 'out'
    dangan('ingest', path, '--out', out, '--ocr', 'none', status=(0, 1))
    assert 'ACQ-' not in (out / 'ingest-report.json').read_text()


finish()
