"""What the tests of the whole program share: running dangan, temporary folders, TAP."""
import atexit, contextlib, os, pathlib, shutil, subprocess, sys, tempfile, traceback

source = pathlib.Path(__file__).resolve().parents[2]
sample = source / 'samples/batch'
binary = os.environ.get('DANGAN_BIN', str(source / 'build/cli/dangan'))
results = []


def dangan(*arguments, status=None, stdin=None, env=None):
    """Runs a verb; `status` (a number or several) is what it must answer. Returns the finished process with texts."""
    done = subprocess.run([binary, *map(str, arguments)], input=stdin, capture_output=True, text=True, errors='replace',
                          env={**os.environ, **(env or {})}, timeout=1200)
    if status is not None:
        wanted = status if isinstance(status, tuple) else (status,)
        assert done.returncode in wanted, (f'dangan {" ".join(map(str, arguments))}\nended with {done.returncode}, wanted {status}\n'
                                           f'{done.stdout[-3000:]}\n{done.stderr[-3000:]}')
    return done


def folder():
    """A temporary folder that other users may enter (PostgreSQL runs as another user under root); removed at the end."""
    path = pathlib.Path(tempfile.mkdtemp(prefix='dangan-test.'))
    path.chmod(0o755)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@contextlib.contextmanager
def archive(path):
    """An archive whose cluster is stopped whatever happens."""
    dangan('archive', 'init', path, '--district', '361102', status=0)
    try:
        yield path
    finally:
        dangan('archive', 'stop', path)


def packages(out):
    """Packages that can be seen in a folder; unfinished ones are hidden."""
    return sorted(p.parent for p in out.glob('*/bagit.txt') if not p.parent.name.startswith('.'))


def case(function):
    """Runs a test case; its name is its title, an AssertionError its failure."""
    title = function.__name__.replace('_', ' ')
    try:
        reason = function()
        skipped = isinstance(reason, str) and reason.startswith('SKIP')
        results.append(True)
        print(f'ok {len(results)} - {title}' + (f' # {reason}' if skipped else ''), flush=True)
    except Exception:
        results.append(False)
        print(f'not ok {len(results)} - {title}', flush=True)
        for line in traceback.format_exc().splitlines():
            print(f'# {line}', flush=True)
    return function


def finish():
    print(f'1..{len(results)}')
    sys.exit(0 if all(results) else 1)
