#!/usr/bin/python3
"""From packages to a signed verdict: handover list, sample, what people say of it, and the document that anyone can check."""
import base64, csv, json, shutil, stat, subprocess
from tap import case, dangan, finish, folder, packages, sample

GOOD, OTHER = '606129196201204759', '12036519341023878X'
HEAD = ['序号', '姓名', '身份证号码', '性别', '出生日期', '退休手续办理时间', '生存状态', '死亡日期', '所属单位', '户籍所在地', '页数', '档案局档号', '保管期限', '备注']
ROW1 = ['1', '钟勇学', GOOD, '男', '19620120', '20190101', '健在', '', '上饶东方红轴承厂', '江西省上饶市', '1', 'RS-2020-900-0001', '永久', '']
ROW2 = ['2', '方维强', OTHER, '女', '19341023', '19841001', '健在', '', '上饶东方红轴承厂', '甘肃省天水市', '1', 'RS-2020-900-0002', '永久', '']
ROW3 = ['3', '孔无踪', '110101195306153019', '男', '19530615', '20130701', '健在', '', '上饶东方红轴承厂', '江西省上饶市', '1', 'RS-2020-900-0003', '永久', '']


def write_csv(path, rows, encoding='utf-8-sig'):
    with open(path, 'w', encoding=encoding, newline='') as f:
        csv.writer(f).writerows(rows)


def read_csv(path):
    with open(path, encoding='utf-8-sig', newline='') as f:
        return list(csv.DictReader(f))


def make_packages():
    """Two dossiers of one page each, and their list."""
    batch = folder() / 'batch'
    batch.mkdir()
    shutil.copy(sample / 'batch.conf', batch)
    for name, scan in ((GOOD, 'scan0001.jpg'), (OTHER, 'scan0003.jpg')):
        (batch / name).mkdir()
        shutil.copy(sample / GOOD / scan, batch / name)
        write_csv(batch / name / '目录.csv', [['类号', '序号', '材料名称', '材料形成时间', '份数', '页数', '备注'],
                                              ['一', '1', '职工登记表', '19801001', '1', '1', '']])
    write_csv(batch / '移交案卷目录.csv', [['国有企业退休人员人事档案移交案卷目录'], HEAD, ROW1, ROW2])
    out = batch.parent / 'out'
    dangan('ingest', batch, '--out', out, '--ocr', 'none', status=(0, 1))
    return batch / '移交案卷目录.csv', out


listed, out = make_packages()
work = folder()
key = work / 'district.key'
dangan('receipt', 'key', key, status=0)


def verify(*options, status, paths=(out,)):
    return dangan('verify', *paths, '--handover', listed, '--handover', out / 'delivery.csv', *options, status=status)


def asked(seed, *options):
    """The list that people fill in."""
    path = work / f'asked-{seed}.csv'
    path.unlink(missing_ok=True)
    verify('--sample', seed, '--sample-list', path, *options, status=1)
    return read_csv(path)


def fill(rows, name, bad=(), encoding='utf-8-sig'):
    """All is good, but what the rules of `bad` ask."""
    path = work / name
    filled = [{**r, 'verdict': 'fail' if r['rule'] in bad else 'pass', 'who': '验收员甲', 'when': '2026/3/2'} for r in rows]
    write_csv(path, [list(rows[0])] + [list(r.values()) for r in filled], encoding)
    return path


@case
def list_and_packages_agree():
    done = verify(status=0)
    assert '2 rows, 2 of them with one package' in done.stdout, done.stdout
    assert 'not run: PKG-008: the list has no digests' in done.stdout, done.stdout


@case
def a_dossier_that_is_missing_is_named_with_its_row():
    longer = work / 'longer.csv'
    write_csv(longer, [['国有企业退休人员人事档案移交案卷目录'], HEAD, ROW1, ROW2, ROW3])
    done = dangan('verify', out, '--handover', longer, '--json', status=1)
    report = json.loads(done.stdout)
    found = report['handover'][0]['findings']
    assert [(f['rule'], f['row']) for f in found] == [('LST-003', 5)], found
    assert not report['accepted'] and all(p['accepted'] for p in report['packages'])


@case
def a_package_that_was_changed_on_the_way_is_named():
    rows = (out / 'delivery.csv').read_text(encoding='utf-8-sig')
    other = work / 'delivery.csv'
    digest = rows.split()[1].split(',')[-1]
    other.write_text(rows.replace(digest, '0' * 64), encoding='utf-8-sig')
    found = json.loads(dangan('verify', out, '--handover', other, '--json', status=1).stdout)['handover'][0]['findings']
    assert [(f['rule'], f['row'], f['found'], f['wanted']) for f in found] == [('PKG-008', 2, digest, '0' * 64)], found


@case
def a_list_that_cannot_be_read_is_told_before_the_packages_are_verified():
    (work / 'none.csv').write_text('姓名,性别\n某,女\n', encoding='utf-8')
    done = dangan('verify', out, '--handover', work / 'none.csv', status=2)
    assert 'none.csv' in done.stderr and 'packages' not in done.stderr, done.stderr


@case
def the_sample_follows_from_the_seed_whatever_the_order():
    first = asked('2026-17')
    assert {r['rule'] for r in first} >= {'ACC-003', 'ACC-006', 'QLT-011'}, first
    turned = work / 'turned.csv'
    verify('--sample', '2026-17', '--sample-list', turned, status=1, paths=list(reversed(packages(out))))
    assert read_csv(turned) == first
    report = json.loads(verify('--sample', '2026-17', '--json', status=1).stdout)
    assert report['verdict']['outcome'] == 'open' and report['verdict']['sample']['seed'] == '2026-17', report['verdict']
    drawn = {p['package'] for p in report['verdict']['sample']['packages']}
    assert drawn == {r['package'] for r in first if r['rule'] == 'ACC-003'} and len(drawn) == 1, drawn


@case
def what_people_say_leads_to_a_signed_verdict():
    filled = fill(asked('s'), 'filled.csv', encoding='gb18030')
    document = work / 'verdict.json'
    done = verify('--sample', 's', '--verdicts', filled, '--verdict', document, '--key', key, '--signer', '某区档案馆', status=0)
    assert 'verdict: accepted' in done.stdout, done.stdout
    said = json.loads(document.read_text(encoding='utf-8'))['document']
    assert said['outcome'] == 'accepted' and said['signed_by'] == '某区档案馆' and said['profile']['name'] == 'soe-retiree'
    assert not said['reasons'] and said['counts']['packages'] == 2 and said['sample']['seed'] == 's'
    assert {r['who'] for r in said['judgements']} == {'验收员甲'}
    for file in (document, work / 'verdict.html'):
        text = file.read_text(encoding='utf-8')
        assert GOOD not in text and '钟勇学' not in text, f'{file} names a person'
        checked = json.loads(dangan('receipt', 'check', file, '--key', f'{key}.pub', '--json', status=0).stdout)
        assert checked['unaltered'] and checked['outcome'] == 'accepted' and checked['signed_by'] == '某区档案馆', checked


@case
def anyone_can_check_it_without_the_program():
    if not shutil.which('openssl'):
        return 'SKIP the program openssl is not installed'
    envelope = json.loads((work / 'verdict.json').read_text(encoding='utf-8'))
    signed = json.dumps(envelope['document'], sort_keys=True, separators=(',', ':'), ensure_ascii=False)
    (work / 'signed').write_text(signed, encoding='utf-8')
    (work / 'signature').write_bytes(base64.b64decode(envelope['signature']['value']))
    subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', f'{key}.pub', '-rawin', '-in', work / 'signed', '-sigfile',
                    work / 'signature'], check=True, capture_output=True)


@case
def an_altered_or_broken_document_is_an_error():
    text = (work / 'verdict.json').read_text(encoding='utf-8')
    page = (work / 'verdict.html').read_text(encoding='utf-8')
    for name, altered, word in [('a.json', text.replace('"accepted": true', '"accepted": false', 1), 'altered'),
                                ('b.json', text[:-20], 'not whole'), ('c.json', '{}', 'no signed document'), ('d.json', '', 'not whole'),
                                ('e.html', page.replace('接收', '退回', 1), 'does not show what was signed'),
                                ('f.html', page[:5000], 'not whole')]:
        (work / name).write_text(altered, encoding='utf-8')
        done = dangan('receipt', 'check', work / name, status=2)
        assert word in done.stderr and name in done.stderr, f'{name}: {done.stderr}'
    dangan('receipt', 'key', work / 'other.key', '--algorithm', 'sm2', status=0)
    done = dangan('receipt', 'check', work / 'verdict.json', '--key', work / 'other.key.pub', status=2)
    assert 'another key' in done.stderr, done.stderr


@case
def sm2_signs_as_well():
    filled = fill(asked('s'), 'filled.csv')
    document = work / 'sm2.json'
    verify('--sample', 's', '--verdicts', filled, '--verdict', document, '--key', work / 'other.key', '--signer', '某区', status=0)
    assert 'SM2-SM3' in dangan('receipt', 'check', document, '--key', work / 'other.key.pub', status=0).stdout


@case
def a_wrong_material_returns_the_delivery():
    filled = fill(asked('s'), 'bad.csv', bad={'ACC-003'})
    done = verify('--sample', 's', '--verdicts', filled, status=1)
    assert 'verdict: returned' in done.stdout and 'ACC-003' in done.stdout, done.stdout


@case
def a_row_that_cannot_be_followed_is_named():
    rows = asked('s')
    rows[1] = {**rows[1], 'item': 'i0'}
    filled = fill(rows, 'wrong.csv')
    done = verify('--sample', 's', '--verdicts', filled, status=2)
    assert "row 3: item 'i0' was not asked" in done.stderr, done.stderr


@case
def what_people_wrote_is_not_overwritten():
    filled = fill(asked('s'), 'kept.csv')
    before = filled.read_bytes()
    done = verify('--sample', 's', '--sample-list', filled, status=2)
    assert '--verdicts' in done.stderr and filled.read_bytes() == before, done.stderr
    verify('--sample', 's', '--sample-list', filled, '--verdicts', filled, status=0)
    assert {r['verdict'] for r in read_csv(filled)} == {'pass'}


@case
def keys_are_for_their_owner():
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    dangan('receipt', 'key', key, status=2)
    loose = work / 'loose.key'
    shutil.copy(key, loose)
    loose.chmod(0o644)
    done = dangan('verify', out, '--sample', 's', '--verdict', work / 'x.json', '--key', loose, '--signer', '某', status=(2, 4))
    assert 'chmod 600' in done.stderr, done.stderr


@case
def wrong_use_is_told():
    for options, word in [(['--verdict', work / 'x.json'], 'dangan receipt key'), (['--verdict', work / 'x.txt'], '.json'),
                          (['--key', key], '--verdict'), (['--sample', ''], 'seed'), (['--verdicts', work / 'nowhere.csv'], 'nowhere.csv'),
                          (['--sample', 's', '--profile', 'bagit'], "profile 'bagit' has no rules")]:
        done = dangan('verify', out, *options, status=2)
        assert word in done.stderr, f'{options}: {done.stderr}'
    assert 'wanted: check FILE' in dangan('receipt', 'make', 'x', status=2).stderr
    dangan('receipt', 'check', status=2)


finish()
