#!/usr/bin/python3
"""`dangan ingest --watch`: what is copied into the folder is processed when it is whole, and never before."""
import json, os, pathlib, shutil, signal, subprocess, threading, time
from tap import binary, case, dangan, finish, folder, packages, sample

GOOD, OTHER, THIRD = '606129196201204759', '12036519341023878X', '115416193608160448'
PATIENCE = 240


def hot_folder():
    path = folder() / 'batch'
    path.mkdir()
    for name in ('batch.conf', '移交案卷目录.xlsx'):
        shutil.copy(sample / name, path)
    return path


class Watch:
    """The program at work; its lines of JSON, one a run."""

    def __init__(self, path, out):
        self.runs, self.told = [], []
        self.process = subprocess.Popen([binary, 'ingest', path, '--out', out, '--ocr', 'none', '--watch', '--settle', '2', '--json'],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace')
        for stream, sink in ((self.process.stdout, lambda l: self.runs.append(json.loads(l))), (self.process.stderr, self.told.append)):
            threading.Thread(target=lambda s=stream, k=sink: [k(line) for line in s], daemon=True).start()

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, (what, self.told)
            assert time.monotonic() < end, (what, self.runs, self.told)
            time.sleep(0.1)

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        return self.process.wait(timeout=60)


def copy_slowly(source, target, pause):
    """As over a slow line: each file in pieces, with pauses longer than the settling time between some."""
    target.mkdir()
    for n, name in enumerate(sorted(os.listdir(source))):
        data = (source / name).read_bytes()
        with open(target / name, 'wb') as f:
            for at in range(0, len(data), len(data) // 3 + 1):
                f.write(data[at:at + len(data) // 3 + 1])
                f.flush()
                time.sleep(pause if n == 0 else 0.2)


@case
def dossiers_are_taken_when_they_are_whole_and_only_then():
    path = hot_folder()
    out = path.parent / 'out'
    watch = Watch(path, out)
    try:
        copy_slowly(sample / OTHER, path / OTHER, 3)  # the first file stands still for three seconds, open for writing
        assert not packages(out), 'a half-written dossier was taken'
        watch.until(lambda: len(packages(out)) == 1, 'the slow copy')
        watch.until(lambda: watch.runs and watch.runs[-1]['packaged'] == 1, 'its run')
        before = len(watch.runs)
        hidden = path.parent / 'elsewhere'
        shutil.copytree(sample / THIRD, hidden)
        hidden.rename(path / THIRD)
        watch.until(lambda: len(watch.runs) > before and watch.runs[-1]['dossiers'] == 2, 'the rename')
        assert watch.runs[-1]['unchanged'] == 1 and watch.runs[-1]['packaged'] == 1, watch.runs[-1]
        assert watch.runs[-1]['not_packaged'] == 0
    finally:
        status = watch.stop()
    assert status in (0, 1), (status, watch.told)
    for package in packages(out):
        dangan('verify', package, status=0)


@case
def a_download_under_way_is_waited_for():
    path = hot_folder()
    out = path.parent / 'out'
    shutil.copytree(sample / OTHER, path / OTHER)
    waiting = path / OTHER / 'scan2.pdf.part'
    waiting.write_bytes(b'half')
    watch = Watch(path, out)
    try:
        time.sleep(6)
        assert not packages(out), 'it was taken with a .part in it'
        waiting.unlink()
        watch.until(lambda: len(packages(out)) == 1, 'the end of the download')
    finally:
        watch.stop()


@case
def a_bad_dossier_does_not_stop_the_watch_and_is_taken_when_mended():
    path = hot_folder()
    out = path.parent / 'out'
    shutil.copytree(sample / THIRD, path / THIRD)
    scan = path / THIRD / 'adf.tif'
    whole = scan.read_bytes()
    scan.write_bytes(whole[:len(whole) // 2])
    watch = Watch(path, out)
    try:
        watch.until(lambda: watch.runs and watch.runs[-1]['not_packaged'] == 1, 'the bad dossier')
        shutil.copytree(sample / OTHER, path / OTHER)
        watch.until(lambda: len(packages(out)) == 1, 'the good one')
        scan.write_bytes(whole)
        watch.until(lambda: len(packages(out)) == 2, 'the mended one')
    finally:
        status = watch.stop()
    assert status in (0, 1), (status, watch.told)
    about = [line for line in watch.told if 'adf.tif' in line]
    assert about and len(about) == len(set(about)), about # rounds that change nothing of it do not repeat it


@case
def a_killed_watch_goes_on():
    path = hot_folder()
    out = path.parent / 'out'
    shutil.copytree(sample / OTHER, path / OTHER)
    shutil.copytree(sample / THIRD, path / THIRD)
    watch = Watch(path, out)
    watch.until(lambda: list((out / '.dangan').glob('*/*.side.json')), 'the first side')
    watch.process.kill()
    watch.process.wait()
    assert not [p for p in out.iterdir() if p.name.startswith('.') and p.name.endswith('.part') and p in packages(out)]
    watch = Watch(path, out)
    try:
        watch.until(lambda: len(packages(out)) == 2, 'both dossiers')
    finally:
        watch.stop()
    for package in packages(out):
        dangan('verify', package, status=0)


@case
def ctrl_c_ends_an_idle_watch_at_once_and_wrong_use_is_told():
    path = hot_folder()
    watch = Watch(path, path.parent / 'out')
    time.sleep(1)
    begun = time.monotonic()
    watch.stop(signal.SIGTERM)
    assert time.monotonic() - begun < 5
    assert '--watch' in dangan('ingest', path, '--out', path.parent / 'out', '--settle', '5', status=2).stderr
    missing = dangan('ingest', path / 'missing', '--out', path.parent / 'out', '--watch', status=2)
    assert 'missing' in missing.stderr


finish()
