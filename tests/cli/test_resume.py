#!/usr/bin/python3
"""What ingest keeps: killed at each named point it ends with the same packages; changed input and settings redo what depends on them."""
import csv, json, os, re, shutil, signal, subprocess, time
from tap import binary, case, dangan, finish, folder, packages, sample, source

POINTS = ['side.image', 'side.text', 'side.done', 'ingest.side', 'ingest.side:7', 'package.pages', 'package.staged', 'package.committed']


def ingest(batch, out, status=(0, 1), ocr='none', fault=None):
    return dangan('ingest', batch, '--out', out, '--ocr', ocr, status=status, env={'DANGAN_FAULT': f'kill:{fault}'} if fault else None)


def delivered(out):
    with open(out / 'delivery.csv', encoding='utf-8-sig', newline='') as f:
        return {r['id']: r['digest'] for r in csv.DictReader(f)}


def kept(out, suffix):
    return {p: p.stat().st_mtime_ns for p in out.glob(f'.dangan/*/*{suffix}')}


@case
def a_run_killed_at_each_point_ends_with_the_same_packages():
    base = folder()
    calm = base / 'calm'
    ingest(sample, calm)
    for point in POINTS:
        hurt = base / point
        hurt.mkdir()
        shutil.copy(calm / 'packages.csv', hurt)
        # A point in a worker ends that worker: its page is lost (3); one in the parent ends the run.
        ingest(sample, hurt, status=(-9, 137, 3), fault=point)
        for package in packages(hurt):
            dangan('verify', package, status=0)
        ingest(sample, hurt)
        assert delivered(hurt) == delivered(calm), point
        assert not [n for n in os.listdir(hurt) if n.endswith('.part')], point


@case
def a_second_run_leaves_everything_as_it_is():
    out = folder() / 'out'
    ingest(sample, out)
    before, sides = delivered(out), kept(out, '.side.json')
    answer = ingest(sample, out)
    assert '3 unchanged' in answer.stdout, answer.stdout
    assert delivered(out) == before and kept(out, '.side.json') == sides


@case
def a_changed_setting_redoes_what_depends_on_it_and_nothing_else():
    base = folder()
    batch, out, profiles = base / 'batch', base / 'out', base / 'profiles'
    shutil.copytree(sample, batch)
    shutil.copytree(source / 'schemas/profiles', profiles)

    def work(*options):
        done = dangan('ingest', batch, '--out', out, '--json', '--profile-dir', profiles, *options, status=(0, 1))
        return json.loads(done.stdout)['done']

    def replace(path, old, new, encoding='utf-8'):
        text = path.read_text(encoding)
        assert old in text, (path, old)
        path.write_text(text.replace(old, new, 1), encoding)

    first = work('--ocr', 'none')
    assert first['sides_imaged'] == first['sides_inspected'] == 13 and first['packages_written'] == 3, first
    catalogue = batch / '115416193608160448/目录.csv'
    quality = next(p for p in profiles.glob('*.xml') if 'access-quality="' in p.read_text())
    value = re.search(r'access-quality="(\d+)"', quality.read_text()).group(0)
    settings = [  # what is changed, how, engine, sides imaged (None = some), read (None = some), packages
        ('nothing', lambda: None, 'none', 0, 0, 0),
        ('JPEG quality', lambda: replace(quality, value, 'access-quality="61"'), 'none', None, 0, 3),
        ('a text of the profile', lambda: replace(profiles / 'soe-retiree.xml', '</profile>', '<!-- of the site --></profile>'), 'none', 0, 0, 3),
        ('the operator', lambda: replace(batch / 'batch.conf', 'operator', '# operator'), 'none', 0, 0, 3),
        ('a title of a catalogue', lambda: catalogue.write_bytes(catalogue.read_bytes().replace('表'.encode(), '书'.encode(), 1)), 'none', 0, 0, 1),
        ('the time of a scan', lambda: os.utime(batch / '606129196201204759/scan0001.jpg', (1e9, 1e9)), 'none', 0, 0, 1),
        ('the engine', lambda: None, 'tesseract', 0, None, 3),
        ('nothing again', lambda: None, 'tesseract', 0, 0, 0),
    ]
    for name, change, engine, imaged, read, written in settings:
        change()
        done = work('--ocr', engine)
        assert done['sides_inspected'] == 0 and done['packages_written'] == written, (name, done)
        assert done['sides_imaged'] > 0 if imaged is None else done['sides_imaged'] == imaged, (name, done)
        assert done['sides_read'] == 9 if read is None else done['sides_read'] == read, (name, done)
        assert done['sides_kept'] == 13 - max(done['sides_imaged'], done['sides_read']), (name, done)
    dangan('verify', out, status=0)


@case
def access_images_have_the_format_of_the_profile_through_the_whole_chain():
    base = folder()
    batch, out, profiles = base / 'batch', base / 'out', base / 'profiles'
    shutil.copytree(sample, batch, ignore=shutil.ignore_patterns('115416193608160448', '12036519341023878X'))
    shutil.copytree(source / 'schemas/profiles', profiles)
    for path in profiles.glob('*.xml'):
        text = path.read_text().replace(' access-quality=', ' access-format="png" access-quality=')
        path.write_text(text.replace('<parameter name="access">jpg<', '<parameter name="access">png<'))
    dangan('ingest', batch, '--out', out, '--ocr', 'none', '--profile-dir', profiles, status=3) # rows without a folder
    (package,) = packages(out)
    data = package / 'data' / package.name
    access = sorted((data / 'representations/access/data').iterdir())
    assert len(access) == 6 and {p.suffix for p in access} == {'.png'}, access
    sides = [json.loads(l) for l in dangan('inspect', '--engine', 'none', '--json', *access, status=0).stdout.splitlines()]
    assert all((s['format'], s['dpi_x'], s['turn_cw_deg']) == ('image/png', 300, 0) for s in sides), sides
    assert (data / 'METS.xml').read_text().count('MIMETYPE="image/png"') >= 6
    dangan('verify', package, '--profile-dir', profiles, status=0)
    assert 'IMG-002' in dangan('verify', package, status=1).stdout # the rule of this site alone allows it
    dangan('export', package, '--as', 'pdf', '--out', base / 'x.pdf', status=0)
    dangan('export', package, '--as', 'ocfl', '--out', base / 'ocfl', status=0)
    assert re.search(r'href="\.dangan/[^"]*\.png"', (out / 'ingest-report.html').read_text())
    for wrong in ('tiff', 'jp2', ''):
        for path in profiles.glob('*.xml'):
            path.write_text(re.sub('access-format="[^"]*"', f'access-format="{wrong}"', path.read_text()))
        done = dangan('ingest', batch, '--out', out, '--ocr', 'none', '--profile-dir', profiles, status=2)
        assert 'access-format' in done.stderr, done.stderr


@case
def a_full_disk_is_seen_before_the_work_begins():
    small = folder() / 'small'
    small.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'none', small], capture_output=True).returncode:
        return 'SKIP cannot mount a small file system here'
    try:
        done = ingest(sample, small / 'out', status=4)
        assert 'MB' in done.stderr and 'free' in done.stderr and 'space' in done.stderr, done.stderr
        assert not list((small / 'out').glob('.dangan/*/*.side.json'))
    finally:
        subprocess.run(['umount', small])


@case
def another_engine_recognizes_again_and_leaves_the_images():
    out = folder() / 'out'
    ingest(sample, out)
    sides, texts, before = kept(out, '.side.json'), kept(out, '.text.json'), delivered(out)
    ingest(sample, out, ocr='tesseract')
    assert kept(out, '.side.json') == sides
    after = kept(out, '.text.json')
    assert after.keys() == texts.keys() and all(after[p] != texts[p] for p in texts)
    assert delivered(out).keys() == before.keys() and all(delivered(out)[i] != d for i, d in before.items())
    dangan('verify', out, status=0)


@case
def a_page_scanned_again_renews_its_dossier_alone():
    base = folder()
    batch, out = base / 'batch', base / 'out'
    shutil.copytree(sample, batch)
    ingest(batch, out)
    before, sides = delivered(out), kept(out, '.side.json')
    shutil.copy(batch / '606129196201204759/scan0003.jpg', batch / '606129196201204759/scan0001.jpg')
    ingest(batch, out)
    after = delivered(out)
    assert after.keys() == before.keys()
    assert sum(after[i] != before[i] for i in after) == 1
    assert all(kept(out, '.side.json')[p] == time for p, time in sides.items())
    dangan('verify', out, status=0)


@case
def work_that_was_damaged_is_done_again():
    base = folder()
    out = base / 'out'
    ingest(sample, out)
    before = delivered(out)
    for path in packages(out):
        shutil.rmtree(path)
    for path in out.glob('.dangan/*/*.access.jpg'):
        path.unlink()
        path.write_bytes(b'damaged')
    ingest(sample, out)
    assert delivered(out) == before
    dangan('verify', out, status=0)


@case
def two_runs_into_one_output_do_not_mix():
    out = folder() / 'out'
    first = subprocess.Popen([binary, 'ingest', str(sample), '--out', str(out), '--ocr', 'none'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (out / 'packages.csv').exists():
        assert first.poll() is None
    second = ingest(sample, out, status=2)
    assert 'lock' in second.stderr, second.stderr
    assert first.wait() in (0, 1)


@case
def ctrl_c_stops_cleanly_and_the_next_run_goes_on():
    out = folder() / 'out'
    child = subprocess.Popen([binary, 'ingest', str(sample), '--out', str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(2.5)
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=20)
    assert child.returncode == 130 and 'same command' in stderr, (child.returncode, stderr)
    assert 'stopped' in (out / 'ingest-report.json').read_text()
    ingest(sample, out, ocr='auto')
    assert len(delivered(out)) == 3


finish()
