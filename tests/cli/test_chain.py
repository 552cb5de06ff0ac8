#!/usr/bin/python3
"""The whole chain: a batch becomes packages, packages become stored dossiers, each is found by name, ID number and text.

Runs on the sample batch of the project and, where DANGAN_SAMPLES names it, on the larger one.
"""
import csv, glob, json, os, pathlib, re, signal, subprocess, time
import xml.etree.ElementTree as ET
from tap import archive, binary, case, dangan, finish, folder, packages, sample, source


def words(package):
    """Four characters in a row from the recognized text of each page that has so many."""
    for alto in sorted(package.glob('data/*/representations/ocr/data/*.xml')):
        for line in ET.parse(alto).getroot().iterfind('.//{*}TextLine'):
            text = ''.join(s.get('CONTENT', '') for s in line.iterfind('{*}String'))
            run = re.search('[\u4e00-\u9fff]{4}', text)
            if run:
                yield run.group()
                break


def search(archive_path, query, field):
    answer = dangan('search', '--archive', archive_path, query, '--field', field, '--json', status=(0, 1))
    return [r['dossier'] for r in json.loads(answer.stdout)['results']]


def whole_chain(batch, truth, out):
    dangan('ingest', batch, '--out', out, status=(0, 1))
    made = packages(out)
    assert len(made) == len(truth['dossiers']), f'{len(made)} packages'
    dangan('verify', out, '--report', out.parent / 'report.html', '--report', out.parent / 'report.json', status=0)
    assert (out.parent / 'report.html').stat().st_size > 1000
    with archive(out.parent / 'archive') as path:
        dangan('deposit', '--archive', path, out, status=0)
        again = json.loads(dangan('deposit', '--archive', path, out, '--json', status=0).stdout)
        assert again['unchanged'] == len(made), again
        with open(out / 'delivery.csv', encoding='utf-8-sig', newline='') as f:
            delivered = list(csv.DictReader(f))
        assert sorted(r['id'] for r in delivered) == sorted(p.name for p in made), delivered
        for dossier in truth['dossiers']:
            named = search(path, dossier['name'], 'name')
            assert len(named) == 1, f'name: {len(named)} hits'
            assert search(path, dossier['id_number'], 'id') == named, 'by ID number'
            found = [named[0] in search(path, word, 'text') for word in words(out / named[0])]
            assert found and all(found), f'by text: {found}'


@case
def the_sample_batch_goes_through_the_whole_chain():
    whole_chain(sample, json.loads((source / 'samples/truth.json').read_text()), folder() / 'packages')


larger = pathlib.Path(os.environ.get('DANGAN_SAMPLES', '/nonexistent'))
larger_out = folder() / 'packages'


@case
def the_larger_batch_goes_through_the_whole_chain():
    if not larger.is_dir():
        return 'SKIP DANGAN_SAMPLES names no batch'
    whole_chain(larger, json.loads((larger / 'truth.json').read_text()), larger_out)


@case
def the_planted_conflict_of_the_larger_batch_is_found_and_no_other():
    if not larger.is_dir():
        return 'SKIP DANGAN_SAMPLES names no batch'
    report = json.loads((larger_out / 'ingest-report.json').read_text())
    if 'ppocr' not in report['ocr_engine']:
        return 'SKIP PP-OCR is not installed'
    truth = {d['id_number']: d for d in json.loads((larger / 'truth.json').read_text())['dossiers']}
    for dossier in report['dossiers']:
        planted = truth[dossier['folder']]['birth_conflict_form']
        stems = [f"{m['cls']}-{m['seq']}-001" for m in truth[dossier['folder']]['materials'] if m['form'] == planted]
        births = [f for f in dossier['findings'] if f['rule'] == 'DAT-001' and 'the birth' in f['message']]
        assert sorted(f['page'] for f in births) == sorted(stems), (dossier['folder'], births)
        assert not [f for f in dossier['findings'] if f['rule'] == 'CAT-012'], dossier['findings']


def digests(out):
    with open(out / 'delivery.csv', encoding='utf-8-sig', newline='') as f:
        return sorted((r['id'], r['digest']) for r in csv.DictReader(f))


@case
def ingest_killed_again_and_again_ends_with_the_same_packages():
    base = folder()
    calm, hurt = base / 'calm', base / 'hurt'
    dangan('ingest', sample, '--out', calm, '--ocr', 'none', status=(0, 1))
    hurt.mkdir()
    (hurt / 'packages.csv').write_bytes((calm / 'packages.csv').read_bytes())
    kills = 0
    for seconds in (0.4, 0.9, 1.6, 2.5, 4.0):
        child = subprocess.Popen([binary, 'ingest', str(sample), '--out', str(hurt), '--ocr', 'none'], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(seconds)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            kills += 1
        child.wait()
        for package in packages(hurt):
            dangan('verify', package, status=0)
    assert kills, 'no run lived long enough to be killed'
    dangan('ingest', sample, '--out', hurt, '--ocr', 'none', status=(0, 1))
    assert digests(calm) == digests(hurt)
    left = [n for n in os.listdir(hurt) if n.endswith('.part')]
    assert not left, left


@case
def deposit_killed_again_and_again_ends_with_the_same_holdings():
    base = folder()
    out = base / 'packages'
    dangan('ingest', sample, '--out', out, '--ocr', 'none', status=(0, 1))
    with archive(base / 'calm') as calm, archive(base / 'hurt') as hurt:
        dangan('deposit', '--archive', calm, out, status=0)
        kills = 0
        for seconds in (0.15, 0.3, 0.5, 0.8, 1.2):
            child = subprocess.Popen([binary, 'deposit', '--archive', str(hurt), str(out)], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(seconds)
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                kills += 1
            child.wait()
        assert kills, 'no run lived long enough to be killed'
        dangan('deposit', '--archive', hurt, out, status=0)

        def holdings(path):
            status = json.loads(dangan('archive', 'status', path, '--json', status=0).stdout)
            # Records differ: each archive has its own key and times, and one that was killed leaves one that nothing names.
            files = [pathlib.Path(o) for o in glob.glob(f'{path}/objects/*/*/*')]
            objects = sorted(o.name for o in files if not o.read_bytes().startswith(b'{\n  "document": {\n    "dangan": "record"'))
            return status['dossiers'], status['pages'], objects

        assert holdings(calm) == holdings(hurt)


@case
def inspect_says_each_measure_as_text_and_as_json_and_the_manual_has_it():
    pages = [sample / '606129196201204759' / name for name in ('scan0003.jpg', 'scan0002.jpg')]
    text = dangan('inspect', '--engine', 'none', *pages, status=0).stdout
    sides = [json.loads(l) for l in dangan('inspect', '--engine', 'none', '--json', *pages, status=0).stdout.splitlines()]
    manual, header = (source / 'docs/inspect.md').read_text(), (source / 'include/dangan/inspect.h').read_text()
    for member in sides[0].keys() - {'file', 'page'}:
        assert f'`{member}`' in manual and member in header, member
    full, blank = text.split(str(pages[1]))
    for line in ('size +3508 × 2480 px, image/jpeg, 3 × 8 bit', 'resolution +300 × 300 dpi', 'paper +16开', 'plausible dpi +yes', 'real dpi +300 dpi', 'turn +90 °',
                 'exposure +normal', 'sheet corners +201,176 ', 'text cut off +nowhere', r'seals +2: 480 × 480 px at 2752,544, ', 'photographs +0', 'blank +no'):
        assert re.search('(?m)^  ' + line, full), (line, full)
    assert re.search('(?m)^  skew +unknown$', blank) and re.search('(?m)^  blank +yes$', blank), blank
    together = {'file', 'page', 'width_px', 'height_px', 'format', 'bits_per_sample', 'channels', 'dpi_x', 'dpi_y', 'fingerprint'}
    assert len(full.splitlines()) - 3 == len(sides[0].keys() - together), full # its name, its size, its resolution, each other measure


finish()
