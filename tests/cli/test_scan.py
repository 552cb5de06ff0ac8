#!/usr/bin/python3
"""`dangan scan` with SANE's own test driver and with a driver of a duplex feeder: what lies in the folder is what the scanner delivered."""
import json, os, pathlib, shutil, signal, struct, subprocess, time, zlib
from tap import binary, case, dangan, finish, folder

feeder = os.environ.get('DANGAN_TEST_FEEDER')
JAMMED, NO_MEM, COVER_OPEN, IO_ERROR = 6, 10, 8, 9


def sane(*drivers):
    """A SANE configuration with these drivers only."""
    path = folder()
    (path / 'dll.conf').write_text('\n'.join(drivers) + '\n')
    (path / 'test.conf').write_text('number_of_devices 2\n')
    return {'SANE_CONFIG_DIR': str(path)}


TEST = sane('test')


def feeding(sheets, **more):
    """The driver with the duplex feeder, with so many sheets in it."""
    env = sane('feeder')
    stack = pathlib.Path(env['SANE_CONFIG_DIR']) / 'stack'
    stack.write_text(f'{sheets} \n')
    env |= {'FEEDER_STACK': str(stack), 'LD_LIBRARY_PATH': feeder, **more}
    return env, stack


def test_scan(into, *options, status=0):
    return dangan('scan', '--device', 'test:0', '--into', into, *options, status=status, env=TEST)


def feeder_scan(into, env, *options, status=0):
    return dangan('scan', '--device', 'feeder:one', '--into', into, '--source', 'adf-duplex', '--mode', 'grey', '--format', 'tiff', *options,
                  status=status, env=env)


def names(path):
    return sorted(os.listdir(path)) if path.is_dir() else []


def tiff(path):
    """(width, height, bits, channels, dpi, rows of samples) of a strip TIFF, uncompressed or Deflate."""
    data = path.read_bytes()
    assert data[:4] == b'II*\0'
    at, = struct.unpack_from('<I', data, 4)
    count, = struct.unpack_from('<H', data, at)
    tags = {}
    for i in range(count):
        tag, kind, n = struct.unpack_from('<HHI', data, at + 2 + 12 * i)
        size = {3: 2, 4: 4, 5: 8}.get(kind, 1) * n
        place = at + 10 + 12 * i if size <= 4 else struct.unpack_from('<I', data, at + 10 + 12 * i)[0]
        if kind == 5:
            a, b = struct.unpack_from('<II', data, place)
            tags[tag] = [a / b]
        else:
            tags[tag] = list(struct.unpack_from(f'<{n}{ {3: "H", 4: "I"}.get(kind, "B") }', data, place))
    assert tags[259][0] in (8, 32946) and tags.get(317, [1]) == [1], tags[259]
    rows = b''.join(zlib.decompress(data[o:o + n]) for o, n in zip(tags[273], tags[279]))
    return tags[256][0], tags[257][0], tags[258][0], tags[277][0], round(tags[282][0]), rows


def scanimage(*options):
    """(width, height, samples) by SANE's own program, the reference."""
    done = subprocess.run(['scanimage', '-d', 'test:0', '--format=pnm', *options], capture_output=True, env={**os.environ, **TEST}, timeout=60, check=True)
    kind, comment, size, top, rows = done.stdout.split(b'\n', 4)
    assert kind in (b'P5', b'P6'), kind
    width, height = map(int, size.split())
    return width, height, rows


@case
def scanners_are_listed():
    text = dangan('scan', '--list', status=0, env=TEST).stdout
    assert 'test:0' in text and 'test:1' in text, text
    found = json.loads(dangan('scan', '--list', '--json', status=0, env=TEST).stdout)
    assert [d['device'] for d in found] == ['test:0', 'test:1'] and found[0]['model'] == 'frontend-tester', found
    assert json.loads(dangan('scan', '--list', '--json', status=0, env=sane()).stdout) == []


@case
def without_a_device_it_is_told_how_to_list_them():
    done = dangan('scan', '--into', folder() / 'x', status=2, env=TEST)
    assert 'dangan scan --list' in done.stderr, done.stderr
    done = dangan('scan', '--device', 'test:0', status=2, env=TEST)
    assert '--into' in done.stderr, done.stderr


@case
def a_scanner_that_does_not_exist_is_named():
    done = dangan('scan', '--device', 'test:9', '--into', folder() / 'x', status=2, env=TEST)
    assert 'test:9' in done.stderr and '--list' in done.stderr, done.stderr


@case
def test_pictures_are_kept_sample_by_sample():
    for picture in ('Solid black', 'Solid white', 'Color pattern', 'Grid'):
        for mode, word in (('color', 'Color'), ('grey', 'Gray')):
            into = folder() / 'x'
            test_scan(into, '--source', 'flatbed', '--mode', mode, '--dpi', 150, '--format', 'tiff', '--set', f'test-picture={picture}')
            width, height, bits, channels, dpi, rows = tiff(into / 'scan0001.tif')
            wanted = scanimage('--mode', word, '--depth', '8', '--resolution', '150', '-l0', '-t0', '-x200', '-y200', '--test-picture', picture)
            assert (width, height, rows) == wanted, (picture, mode, width, height, wanted[:2])
            assert (bits, channels, dpi) == (8, 3 if mode == 'color' else 1, 150)


@case
def odd_ways_of_delivering_give_the_same_picture():
    plain = None
    for settings in ([], ['three-pass=yes'], ['three-pass=yes', 'three-pass-order=BGR'], ['read-limit=yes', 'read-limit-size=97'],
                     ['fuzzy-parameters=yes'], ['read-delay=yes', 'read-delay-duration=1000']):
        into = folder() / 'x'
        test_scan(into, '--format', 'tiff', '--dpi', 75, *sum((['--set', s] for s in ['test-picture=Color pattern', *settings]), []))
        picture = tiff(into / 'scan0001.tif')
        plain = plain or picture
        assert picture == plain, settings


@case
def a_side_of_unknown_height_and_sixteen_bits_are_kept():
    into = folder() / 'x'
    test_scan(into, '--format', 'tiff', '--dpi', 75, '--set', 'test-picture=Grid', '--set', 'hand-scanner=yes')
    width, height, *_ , rows = tiff(into / 'scan0001.tif')
    assert height > 0 and len(rows) == width * height * 3
    test_scan(into, '--format', 'tiff', '--dpi', 75, '--set', 'test-picture=Color pattern', '--set', 'depth=16')
    width, height, bits, channels, dpi, rows = tiff(into / 'scan0002.tif')
    assert bits == 16 and len(rows) == width * height * 6
    done = test_scan(into, '--format', 'jpeg', '--set', 'depth=16', status=2)
    assert '16' in done.stderr and 'tiff' in done.stderr, done.stderr


@case
def the_resolution_stands_in_the_header():
    into = folder() / 'x'
    test_scan(into, '--dpi', 200)
    test_scan(into, '--dpi', 200, '--mode', 'bitonal')
    seen = dangan('inspect', '--engine', 'none', '--json', into / 'scan0001.jpg', into / 'scan0002.tif', status=0).stdout.splitlines()
    jpeg, bitonal = map(json.loads, seen)
    assert jpeg['dpi_x'] == bitonal['dpi_x'] == 200 and jpeg['width_px'] == bitonal['width_px'] == 1574, seen
    assert jpeg['format'] != bitonal['format'], seen


@case
def a_feeder_is_read_until_it_is_empty():
    into = folder() / 'x'
    done = test_scan(into, '--source', 'adf', '--dpi', 75)
    assert names(into) == [f'scan{n:04}.jpg' for n in range(1, 11)], names(into)  # the test driver's feeder holds ten
    assert '10' in done.stdout and 'scan0010.jpg' in done.stderr
    answer = json.loads(test_scan(into, '--source', 'adf', '--dpi', 75, '--sides', 2, '--json').stdout)
    assert answer['sides'] == 2 and names(into)[-1] == 'scan0012.jpg', answer


@case
def numbers_go_on_in_the_manner_of_the_folder():
    into = folder() / 'x'
    into.mkdir()
    (into / '0041.jpg').write_bytes(b'')
    (into / '.hidden.part').write_bytes(b'')
    test_scan(into, '--dpi', 75)
    assert '0042.jpg' in names(into), names(into)
    (into / '0099.tif').write_bytes(b'')
    test_scan(into, '--dpi', 75)
    assert '0100.jpg' in names(into), names(into)


@case
def a_folder_of_named_scans_is_left_alone():
    into = folder() / 'x'
    into.mkdir()
    (into / '9-1-2-003.jpg').write_bytes(b'')
    done = test_scan(into, status=2)
    assert names(into) == ['9-1-2-003.jpg'] and '类号-序号-页号' in done.stderr


@case
def faults_of_the_scanner_are_told_and_leave_nothing():
    for value, status, word in (('JAMMED', 4, 'jammed'), ('COVER_OPEN', 4, 'cover'), ('DEVICE_BUSY', 2, 'busy'), ('CANCELLED', 130, 'stopped'),
                                ('NO_DOCS', 2, 'no paper'), ('IO_ERROR', 4, 'cable'), ('NO_MEM', 4, 'memory'), ('ACCESS_DENIED', 2, 'denied'),
                                ('EOF', 4, 'nothing'), ('INVAL', 2, 'refuses'), ('UNSUPPORTED', 2, 'cannot')):
        into = folder() / 'x'
        done = test_scan(into, '--source', 'adf', '--set', f'read-return-value=SANE_STATUS_{value}', status=status)
        assert word in done.stderr and 'test:0' in done.stderr, (value, done.stderr)
        assert not into.exists(), names(into)


@case
def what_the_scanner_cannot_do_is_refused_with_what_it_can():
    for options, word in ((['--source', 'adf-duplex'], 'Automatic Document Feeder'), (['--dpi', 2400], '1 to 1200'), (['--set', 'depth=7'], '8'),
                          (['--set', 'colour=12'], 'colour'), (['--set', 'brightness'], 'name=value'), (['--paper', 'a9'], 'a4'),
                          (['--mode', 'sepia'], 'grey'), (['--format', 'gif'], 'tiff'), (['--set', 'test-picture=Cat'], 'Grid')):
        done = test_scan(folder() / 'x', *options, status=2)
        assert word in done.stderr, (options, done.stderr)


@case
def both_sides_of_each_sheet_come_in_paper_order():
    env, stack = feeding(3)
    into = folder() / 'x'
    feeder_scan(into, env)
    assert names(into) == [f'scan{n:04}.tif' for n in range(1, 7)], names(into)
    for n in range(1, 7):
        width, height, bits, channels, dpi, rows = tiff(into / f'scan{n:04}.tif')
        assert (width, height, dpi) == (120, 200, 300) and rows == bytes([n]) * 120 * 200, n


@case
def a_feeder_with_a_mode_of_its_own_reads_both_sides_too():
    env, stack = feeding(2, FEEDER_STYLE='mode')
    into = folder() / 'x'
    feeder_scan(into, env)
    assert len(names(into)) == 4
    stack.write_text('2 \n')
    dangan('scan', '--device', 'feeder:one', '--into', into, '--source', 'adf', '--mode', 'grey', status=0, env=env)
    assert len(names(into)) == 6


@case
def a_resolution_between_those_of_the_scanner_is_refused():
    env, stack = feeding(1)
    done = feeder_scan(folder() / 'x', env, '--dpi', 250, status=2)
    assert '200, 300, 600' in done.stderr, done.stderr


@case
def an_empty_feeder_is_told():
    env, stack = feeding(0)
    into = folder() / 'x'
    done = feeder_scan(into, env, status=2)
    assert 'no paper' in done.stderr and not into.exists(), done.stderr


@case
def after_a_jam_the_same_command_goes_on_with_the_sheet():
    env, stack = feeding(4, FEEDER_FAIL=f'6 {JAMMED} 100')
    into = folder() / 'x'
    done = feeder_scan(into, env, status=3)
    # The front of the third sheet was read, its back not: neither is there, for the sheet is fed again.
    assert names(into) == [f'scan{n:04}.tif' for n in range(1, 5)], names(into)
    assert 'jammed' in done.stderr and 'scan0004.tif' in done.stderr and '4 sides' in done.stderr, done.stderr
    stack.write_text('2 \n')
    feeder_scan(into, env | {'FEEDER_FAIL': ''})
    assert len(names(into)) == 8, names(into)


@case
def an_open_cover_and_a_side_that_ends_early_keep_what_is_whole():
    for fail, word in ((f'3 {COVER_OPEN} 0', 'cover'), (f'4 {IO_ERROR} 199', 'cable'), ('3 5 100', '100 of 200')):
        env, stack = feeding(4, FEEDER_FAIL=fail)
        into = folder() / 'x'
        done = feeder_scan(into, env, status=3)
        assert names(into) == ['scan0001.tif', 'scan0002.tif'] and word in done.stderr, (names(into), done.stderr)


@case
def ctrl_c_stops_after_the_sheet_in_the_scanner():
    env, stack = feeding(50, FEEDER_MS='100')
    into = folder() / 'x'
    run = subprocess.Popen([binary, 'scan', '--device', 'feeder:one', '--into', into, '--source', 'adf-duplex', '--mode', 'grey'],
                           env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(names(into)) < 5:
        time.sleep(0.02)
        assert run.poll() is None
    run.send_signal(signal.SIGINT)
    out, told = run.communicate(timeout=30)
    assert run.returncode == 130, (run.returncode, told)
    made = names(into)
    assert made and len(made) % 2 == 0 and len(made) < 20 and all(n.startswith('scan') for n in made), made
    assert made[-1] in told and 'jam' not in told, told
    assert int(stack.read_text()) == 50 - len(made) // 2  # no sheet was drawn in that is not there


@case
def a_kill_leaves_whole_sides_only():
    for moment in (0.15, 0.3, 0.45):
        env, stack = feeding(50, FEEDER_MS='20')
        into = folder() / 'x'
        run = subprocess.Popen([binary, 'scan', '--device', 'feeder:one', '--into', into, '--source', 'adf-duplex', '--mode', 'grey', '--format', 'tiff'],
                               env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        run.kill()
        run.wait()
        for n, name in enumerate(n for n in names(into) if not n.startswith('.')):
            assert tiff(into / name)[5] == bytes([n + 1]) * 120 * 200, name


@case
def a_second_scan_into_the_same_folder_is_refused():
    env, stack = feeding(50, FEEDER_MS='50')
    into = folder() / 'x'
    run = subprocess.Popen([binary, 'scan', '--device', 'feeder:one', '--into', into, '--source', 'adf', '--mode', 'grey'],
                           env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not names(into):
        time.sleep(0.02)
        assert run.poll() is None
    done = test_scan(into, status=2)
    assert 'another scan' in done.stderr, done.stderr
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=30) == 130


@case
def a_full_disk_ends_with_4_and_keeps_whole_sides():
    if os.geteuid() != 0:
        return 'SKIP needs root to mount a small file system'
    into = folder() / 'small'
    into.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', str(into)], capture_output=True).returncode:
        return 'SKIP cannot mount here'
    try:
        env, stack = feeding(50)
        done = feeder_scan(into, env, '--set', 'resolution=200', status=4)
        assert 'full' in done.stderr or 'space' in done.stderr, done.stderr
        made = names(into)
        assert made and not [n for n in made if n.startswith('.')], made
        for n, name in enumerate(made):
            assert tiff(into / name)[5] == bytes([n + 1]) * 120 * 200, name
    finally:
        subprocess.run(['umount', '-l', str(into)])


@case
def the_profile_says_how_scans_are_kept():
    base = folder()
    profile = pathlib.Path(__file__).resolve().parents[2] / 'schemas/profiles/soe-retiree.xml'
    own = profile.read_text().replace('scan-format="jpeg"', 'scan-format="tiff"').replace('scan-dpi="300"', 'scan-dpi="100"')
    (base / 'own.xml').write_text(own.replace('name="soe-retiree"', 'name="own"', 1))
    (base / 'batch.conf').write_text('[batch]\nprofile=own\n')
    dangan('scan', '--device', 'test:0', '--into', base / 'x', '--profile-dir', base, status=0, env=TEST)
    assert tiff(base / 'x' / 'scan0001.tif')[4] == 100, names(base / 'x')


finish()
