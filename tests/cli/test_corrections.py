#!/usr/bin/python3
"""What a person sets right: corrections are honoured, recorded with who and when, undone by taking the row out; --redo and re-scans."""
import csv, json, re, shutil
import xml.etree.ElementTree as xml
from tap import case, dangan, finish, folder, packages, sample

ORDERED, PDF = '606129196201204759', '12036519341023878X'
HEAD = ['folder', 'scan', 'page', 'what', 'value', 'by', 'at']
BY = ['王某', '2026-03-02T09:30:00Z']

base = folder()
batch, out = base / 'batch', base / 'out'
shutil.copytree(sample, batch)


def ingest(status=(0, 1), *options):
    done = dangan('ingest', batch, '--out', out, '--ocr', 'none', '--json', *options, status=status)
    return json.loads(done.stdout)['done'], json.loads((out / 'ingest-report.json').read_text()), done.stderr


def dossier(report, name):
    return next(d for d in report['dossiers'] if d['folder'] == name)


def pages(report, name):
    return {(p['scan'], p['frame']): p for p in dossier(report, name)['pages']}


def write(*rows, where=batch, name='corrections.csv', head=HEAD, encoding='utf-8-sig'):
    with open(where / name, 'w', encoding=encoding, newline='') as f:
        csv.writer(f).writerows([head, *rows])


def take_back():
    for path in batch.rglob('corrections.csv'):
        path.unlink()
    for path in batch.rglob('更正.csv'):
        path.unlink()


def package_of(report, name):
    return out / dossier(report, name)['id']


def part(report, name, inside):
    package = package_of(report, name)
    return (package / 'data' / package.name / inside).read_text()


_, first, _ = ingest()
digests = (out / 'delivery.csv').read_text()


def is_as_at_first():
    """The rows are taken out: everything is as it was, and nothing had to be made for it."""
    take_back()
    done, report, _ = ingest()
    assert done['sides_imaged'] == 0 and done['sides_inspected'] == 0 and done['sides_read'] == 0, done
    for name in (ORDERED, PDF):
        before, after = pages(first, name), pages(report, name)
        assert {k: (p['stem'], p['turn_cw_deg'], p['blank'], p['width_px'], p['height_px']) for k, p in before.items()} == \
               {k: (p['stem'], p['turn_cw_deg'], p['blank'], p['width_px'], p['height_px']) for k, p in after.items()}


@case
def each_correction_redoes_its_side_alone_and_can_be_taken_back():
    table = [  # what, value, what the side is then
        ('turn', '180', lambda p: p['turn_cw_deg'] == 180),
        ('crop', '100,200,1500,2000', lambda p: (p['width_px'], p['height_px']) == (1500, 2000)),
        ('crop', 'none', lambda p: p['width_px'] >= 2480 and p['height_px'] >= 3508),
        ('方向', '90', lambda p: p['turn_cw_deg'] == 90 and p['width_px'] > p['height_px']),
    ]
    for what, value, holds in table:
        write([ORDERED, 'scan0001.jpg', '', what, value, *BY])
        done, report, _ = ingest()
        assert done['sides_imaged'] == 1 and done['sides_inspected'] == 0 and done['packages_written'] == 1, (what, value, done)
        assert holds(pages(report, ORDERED)['scan0001.jpg', 1]), (what, value, pages(report, ORDERED)['scan0001.jpg', 1])
        dangan('verify', package_of(report, ORDERED), status=0)
        is_as_at_first()


@case
def who_and_when_stand_in_premis_and_in_the_description():
    write([ORDERED, 'scan0001.jpg', '1', 'turn', '0', *BY], [ORDERED, 'scan0001.jpg', '1', 'material', '9-1-1', *BY],
          [ORDERED, 'scan0004.jpg', '1', 'material', '一-1', '李某', '2026-03-03'])
    done, report, _ = ingest()
    assert pages(report, ORDERED)['scan0001.jpg', 1]['stem'].startswith('9-1-1-'), report
    assert pages(report, ORDERED)['scan0004.jpg', 1]['stem'].startswith('1-1-'), report
    premis = xml.fromstring(part(report, ORDERED, 'metadata/preservation/premis.xml'))
    space = {'p': 'http://www.loc.gov/premis/v3'}
    people = {a.find('.//p:agentIdentifierValue', space).text: a.find('p:agentName', space).text for a in premis.findall('p:agent', space)}
    acts = {(e.find('p:eventType', space).text, e.find('p:eventDateTime', space).text,
             people[e.find('.//p:linkingAgentIdentifierValue', space).text]) for e in premis.findall('p:event', space)}
    assert ('modification', BY[1], '王某') in acts and ('metadata modification', BY[1], '王某') in acts, acts
    assert ('metadata modification', '2026-03-03', '李某') in acts, acts
    said = part(report, ORDERED, 'metadata/descriptive/dossier.xml')
    assert '<correction what="turn" value="0" by="王某" at="2026-03-02T09:30:00Z"/>' in said, said
    dangan('verify', package_of(report, ORDERED), status=0)
    is_as_at_first()


@case
def a_blank_side_and_a_side_with_content_change_what_is_counted():
    write([PDF, 'scan.pdf', '2', 'blank', '否', *BY], [PDF, 'scan.pdf', '3', 'blank', 'yes', *BY])
    done, report, _ = ingest()
    assert dossier(report, PDF)['state'] == 'packaged' and done['packages_written'] == 1, dossier(report, PDF)
    assert [p['blank'] for p in dossier(report, PDF)['pages']] == [False, False, True, True]
    assert [p['stem'] for p in dossier(report, PDF)['pages']] == ['1-1-001', '9-1-1-001', '9-1-1-002', '9-1-1-003']
    is_as_at_first()


@case
def order_moves_a_side_in_its_material():
    write([PDF, 'scan.pdf', '2', 'order', '1', *BY], where=batch / PDF, name='更正.csv', encoding='gb18030')
    done, report, _ = ingest()
    assert done['sides_imaged'] == 0 and done['packages_written'] == 1, done
    assert [p['stem'] for p in dossier(report, PDF)['pages']][:2] == ['1-1-002', '1-1-001']
    is_as_at_first()


@case
def of_two_rows_the_later_counts_and_the_operator_signs_where_nobody_does():
    write([ORDERED, 'scan0001.jpg', '', 'turn', '90', *BY], [ORDERED, 'scan0001.jpg', '', 'turn', '270', '', '2026-03-02'])
    _, report, _ = ingest((0, 1), '--operator', '值班员')
    assert pages(report, ORDERED)['scan0001.jpg', 1]['turn_cw_deg'] == 270
    assert 'by="值班员" at="2026-03-02"' in part(report, ORDERED, 'metadata/descriptive/dossier.xml')
    is_as_at_first()


@case
def a_row_that_cannot_be_followed_is_named_with_file_and_row_and_the_rest_goes_on():
    table = [  # row, words of the message
        (['nobody', 'scan0001.jpg', '', 'turn', '90', *BY], 'nobody'),
        ([ORDERED, 'scan9999.jpg', '', 'turn', '90', *BY], 'scan9999.jpg'),
        ([ORDERED, 'scan0001.jpg', '2', 'turn', '90', *BY], 'no page 2'),
        ([ORDERED, 'scan0001.jpg', 'two', 'turn', '90', *BY], "'two'"),
        ([PDF, 'scan.pdf', '5', 'blank', 'yes', *BY], 'no page 5'),
        ([ORDERED, 'scan0001.jpg', '', 'turn', '45', *BY], "'45'"),
        ([ORDERED, 'scan0001.jpg', '', 'crop', '1,2,3', *BY], "'1,2,3'"),
        ([ORDERED, 'scan0001.jpg', '', 'crop', '-1,0,10,10', *BY], "'-1,0,10,10'"),
        ([ORDERED, 'scan0001.jpg', '', 'crop', '9000,9000,10,10', *BY], 'outside'),
        ([ORDERED, 'scan0001.jpg', '', 'blank', 'perhaps', *BY], "'perhaps'"),
        ([ORDERED, 'scan0001.jpg', '', 'material', '77-1', *BY], "'77-1'"),
        ([ORDERED, 'scan0001.jpg', '', 'material', '1-9', *BY], 'no material 1-9'),
        ([ORDERED, 'scan0001.jpg', '', 'order', '9', *BY], 'sides only'),
        ([ORDERED, 'scan0001.jpg', '', 'replace', 'scan0001.jpg', *BY], 'scan0001.jpg'),
        ([ORDERED, 'scan0001.jpg', '', 'replace', 'new.jpg', *BY], 'new.jpg'),
        ([ORDERED, 'scan0001.jpg', '', 'rotate', '90', *BY], "'rotate'"),
        ([ORDERED, 'scan0001.jpg', '', 'turn', '90', '王某', 'yesterday'], "'yesterday'"),
        ([ORDERED, 'scan0001.jpg', '', 'turn', '90', '王某', ''], 'no time'),
    ]
    write([ORDERED, 'scan0004.jpg', '', 'turn', '180', *BY], *[row for row, _ in table])
    done, report, shown = ingest(1)
    assert report['not_packaged'] == 0 and pages(report, ORDERED)['scan0004.jpg', 1]['turn_cw_deg'] == 180, report
    found = {f['row']: f for f in report['findings'] + sum((d['findings'] for d in report['dossiers']), []) if f.get('file') == 'corrections.csv'}
    for i, (row, words) in enumerate(table):
        assert i + 3 in found, (row, sorted(found))
        assert words in found[i + 3]['message'], (row, found[i + 3])
        assert f'corrections.csv row {i + 3}' in shown, shown
    assert len(found) == len(table)
    is_as_at_first()


@case
def a_corrections_file_that_cannot_be_read_is_named():
    for text, words in (('a,b\r\n1,2\r\n', "no column 'folder'"), ('"folder,scan', 'corrections.csv'), ('', 'corrections.csv')):
        (batch / 'corrections.csv').write_text(text)
        _, report, shown = ingest(1)
        assert report['not_packaged'] == 0 and words in shown, shown
    is_as_at_first()


@case
def a_person_without_a_name_is_asked_for_one():
    conf = (batch / 'batch.conf').read_text()
    (batch / 'batch.conf').write_text(re.sub(r'(?m)^operator.*$', '', conf))
    write([ORDERED, 'scan0001.jpg', '', 'turn', '90', '', '2026-03-02'])
    _, _, shown = ingest(1)
    assert 'by whom' in shown and 'row 2' in shown, shown
    (batch / 'batch.conf').write_text(conf)
    is_as_at_first()


@case
def redo_does_the_named_pages_again_although_nothing_changed():
    name = dossier(first, ORDERED)['id']
    table = [
        ([f'{ORDERED}/scan0003.jpg'], 1, 1),
        ([f'{name}:3-1-001'], 1, 1),
        ([f'{PDF}/scan.pdf#3'], 1, 1),
        ([f'{PDF}/scan.pdf'], 4, 1),
        ([f'{ORDERED}'], 6, 1),
        ([f'{name}/scan0001.jpg,{PDF}:1-1-001'], 2, 2),
        ([f'{ORDERED}/scan0001.jpg', f'{ORDERED}/scan0004.jpg'], 2, 1),
    ]
    for names, sides, written in table:
        done, report, _ = ingest((0, 1), *sum((['--redo', n] for n in names), []))
        assert (done['sides_inspected'], done['sides_imaged'], done['packages_written']) == (sides, sides, written), (names, done)
    done, _, _ = ingest()
    assert done['packages_written'] == 0 and (out / 'delivery.csv').read_text().splitlines()[0] == digests.splitlines()[0]


@case
def redo_of_a_page_that_is_not_there_is_wrong_use_and_does_nothing():
    for name in ('nobody', f'{ORDERED}/scan9.jpg', f'{ORDERED}:1-1-999', 'x/scan0001.jpg', f'{PDF}/scan.pdf#x'):
        done = dangan('ingest', batch, '--out', out, '--redo', name, status=2)
        assert '--redo' in done.stderr, done.stderr


@case
def a_page_scanned_again_under_another_name_takes_the_place_of_the_old_one():
    again = batch / ORDERED / 'scan0099.jpg'
    shutil.copy(batch / ORDERED / 'scan0001.jpg', again)
    with open(again, 'ab') as f:
        f.write(b'\0')
    write([ORDERED, 'scan0001.jpg', '', 'replace', 'scan0099.jpg', *BY])
    done, report, _ = ingest()
    assert done['sides_imaged'] == 1 and done['packages_written'] == 1, done
    assert [p['scan'] for p in dossier(report, ORDERED)['pages']][0] == 'scan0099.jpg'
    assert dossier(report, ORDERED)['pages'][0]['stem'] == '1-1-001' and dossier(report, ORDERED)['sides'] == 6
    assert 'what="replace"' in part(report, ORDERED, 'metadata/descriptive/dossier.xml')
    assert 'scan00' not in part(report, ORDERED, 'metadata/preservation/premis.xml')
    # The old one may even be spoilt.
    whole = (batch / ORDERED / 'scan0001.jpg').read_bytes()
    (batch / ORDERED / 'scan0001.jpg').write_bytes(b'spoilt')
    done, report, _ = ingest()
    assert dossier(report, ORDERED)['state'] == 'packaged', dossier(report, ORDERED)
    (batch / ORDERED / 'scan0001.jpg').write_bytes(whole)
    again.unlink()
    is_as_at_first()


@case
def a_page_in_a_container_is_replaced_by_a_file():
    shutil.copy(batch / ORDERED / 'scan0004.jpg', batch / PDF / 'again.jpg')
    write([PDF, 'scan.pdf', '3', 'replace', 'again.jpg', *BY])
    done, report, _ = ingest()
    assert [(p['scan'], p['frame']) for p in dossier(report, PDF)['pages']] == [('scan.pdf', 1), ('scan.pdf', 2), ('again.jpg', 1), ('scan.pdf', 4)]
    (batch / PDF / 'again.jpg').unlink()
    is_as_at_first()


@case
def a_page_that_was_scanned_twice_is_shown_with_both_pictures():
    assert not [f for d in first['dossiers'] for f in d['findings'] if f['rule'] == 'QLT-010'], 'pages of one dossier look alike'
    levelled = pages(first, ORDERED)['scan0004.jpg', 1]
    assert levelled['resampled'] and 'fingerprint' not in levelled['measures'], levelled
    again = batch / ORDERED / 'scan0004a.jpg'
    shutil.copy(out / levelled['access'], again)
    _, report, _ = ingest(3)
    found = [f for f in dossier(report, ORDERED)['findings'] if f['rule'] == 'QLT-010']
    assert [(f['file'], f['other'], f['mode']) for f in found] == [('scan0004a.jpg', 'scan0004.jpg', 'screened')], found
    html = (out / 'ingest-report.html').read_text()
    shown = next(part for part in html.split('<div class="page-findings">')[1:] if 'data-rule="QLT-010"' in part)
    pictures = re.findall(r"data-at='\[.(.*?).,1\]'", shown)
    assert pictures[:2] == ['scan0004a.jpg', 'scan0004.jpg'], pictures
    again.unlink()
    is_as_at_first()


finish()
