#!/usr/bin/python3
"""Names of folders and files: GB18030 bytes as old zips and shares leave them, and names that are nearly 类号-序号-页号."""
import csv, json, os, shutil
from tap import case, dangan, finish, folder, packages, sample

GOOD = '606129196201204759'
SCANS = sorted(p for p in (sample / GOOD).iterdir() if p.name.startswith('scan'))
STEMS = ['1-1-001', '1-1-002', '3-1-001', '9-1-1-001', '9-1-1-002', '10-1-001'] # as the catalogue has them


def gb(text):
    return text.encode('gb18030')


def batch(names, encode=str.encode, person='钟勇学' + GOOD):
    """The batch of one person; its folder and files carry the names as the bytes that `encode` makes. None = the scan is left out."""
    path = folder() / 'batch'
    path.mkdir()
    shutil.copy(sample / 'batch.conf', path)
    shutil.copy(sample / '移交案卷目录.xlsx', os.fsencode(path) + b'/' + encode('移交案卷目录.xlsx'))
    inside = os.fsencode(path) + b'/' + encode(person)
    os.mkdir(inside)
    shutil.copy(sample / GOOD / '目录.xlsx', inside + b'/' + encode('目录.xlsx'))
    for scan, name in zip(SCANS, names):
        if name is not None:
            shutil.copy(scan, inside + b'/' + (name if isinstance(name, bytes) else encode(name)))
    return path, inside


def ingest(path):
    """The dossier as the report has it, and what was said. Two rows of the list have no folder: 3."""
    out = path.parent / 'out'
    done = dangan('ingest', path, '--out', out, '--ocr', 'none', status=3)
    assert '\ufffd' not in done.stderr, done.stderr
    report = (out / 'ingest-report.json').read_text()
    assert '\\ufffd' not in report and '\ufffd' not in report
    (dossier,) = json.loads(report)['dossiers']
    (out / 'ingest-report.html').read_text('utf-8')
    return dossier, done.stderr, out


def said(dossier, rule):
    return [f for f in dossier['findings'] if f['rule'] == rule]


@case
def a_batch_with_names_in_gb18030_is_one_like_any_other():
    names = [f'扫描{n:02}.jpg' for n in range(1, 6)] + ['扫描06.png']
    path, inside = batch(names, gb)
    dossier, _, out = ingest(path)
    assert dossier['state'] == 'packaged' and dossier['folder'] == '钟勇学' + GOOD and dossier['name'] == '钟勇学', dossier
    assert [(p['scan'], p['stem']) for p in dossier['pages']] == list(zip(names, STEMS)), dossier['pages']
    dangan('verify', *packages(out), status=0)
    # The names of the report are those that corrections use, and that file may be called in GB18030 as well.
    with open(inside + b'/' + gb('更正.csv'), 'w', encoding='gb18030', newline='') as f:
        csv.writer(f).writerows([['案卷', '扫描件', '更正', '值', '更正人', '更正时间'],
                                 [dossier['folder'], names[0], '方向', '180', '王某', '2026-03-02']])
    dossier, _, out = ingest(path)
    assert not said(dossier, 'COR-001') and dossier['pages'][0]['turn_cw_deg'] == 180, dossier['findings']
    dangan('ingest', path, '--out', out, '--ocr', 'none', '--redo', f'钟勇学{GOOD}/{names[1]}', status=3)


@case
def a_name_in_gb18030_is_readable_where_something_is_wrong_with_it():
    path, inside = batch([f'扫描{n:02}.jpg' for n in range(1, 6)] + ['扫描06.png'], gb)
    with open(inside + b'/' + gb('扫描02.jpg'), 'wb') as f:
        f.write(b'\xff\xd8\xff')
    with open(inside + b'/' + gb('说明.txt'), 'w') as f:
        f.write('no scan')
    dossier, told, _ = ingest(path)
    assert dossier['state'] == 'not packaged'
    assert [f['file'] for f in said(dossier, 'IMG-001')] == ['扫描02.jpg'] and '扫描02.jpg' in told, dossier['findings']
    assert [f['file'] for f in said(dossier, 'PKG-005')] == ['说明.txt'], dossier['findings']


@case
def two_catalogues_one_of_them_in_gb18030_are_told_by_name():
    path, inside = batch(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'f.png'])
    shutil.copy(sample / GOOD / '目录.xlsx', inside + b'/' + gb('目录.csv'))
    dossier, told, _ = ingest(path)
    assert dossier['state'] == 'not packaged' and '目录.csv' in told and '目录.xlsx' in told and 'holds both' in told, told


@case
def bytes_that_are_text_in_no_encoding_stop_nothing():
    path, _ = batch([b'\xff\xff1.jpg', b'\x81\x202.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'f.png'])
    out = path.parent / 'out'
    dangan('ingest', path, '--out', out, '--ocr', 'none', status=3)
    (dossier,) = json.loads((out / 'ingest-report.json').read_text())['dossiers']
    assert len(dossier['pages']) == 6 and dossier['failed_sides'] == 0, dossier
    (out / 'ingest-report.html').read_text('utf-8')


@case
def names_that_are_nearly_right_are_told_with_what_is_wrong():
    right = [s + p.suffix for s, p in zip(STEMS, SCANS)]
    table = [  # scan, its name, state, rule, file or page of the finding, words of it
        (0, '1-1-001.JPG', 'packaged', None, None),
        (0, '1-1-1.jpg', 'not packaged', 'IMG-010', '1-1-1.jpg'),
        (0, '1－1－001.jpg', 'not packaged', 'IMG-010', '1－1－001.jpg'),
        (0, '1-1-001(2).jpg', 'not packaged', 'IMG-010', '1-1-001(2).jpg'),
        (0, '1-1-001副本.jpg', 'not packaged', 'IMG-010', '1-1-001副本.jpg'),
        (0, '一-1-001.jpg', 'not packaged', 'IMG-010', '一-1-001.jpg'),
        (0, '1-1-000.jpg', 'not packaged', 'IMG-010', '1-1-000.jpg'),
        (3, '9-1-001.jpg', 'not packaged', 'XML-004', '9-1-001.jpg'),
        (0, '77-1-001.jpg', 'not packaged', 'XML-004', '77-1-001.jpg'),
        (0, '1-9-001.jpg', 'not packaged', 'XML-004', '1-9-001.jpg'),
        (0, '1-1-004.jpg', 'not packaged', 'IMG-011', '1-1-002'),
    ]
    path, inside = batch(right)
    for at, name, state, rule, word in table:
        os.rename(inside + b'/' + right[at].encode(), inside + b'/' + name.encode())
        dossier, told, _ = ingest(path)
        os.rename(inside + b'/' + name.encode(), inside + b'/' + right[at].encode())
        assert dossier['state'] == state, (name, dossier['findings'])
        hits = [f for f in dossier['findings'] if f['rule'] == rule]
        assert not rule or any(word in (f.get('file'), f.get('page')) for f in hits), (name, dossier['findings'])


finish()
