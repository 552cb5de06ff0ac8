#!/usr/bin/python3
"""Nobody is there at night: a page that crashes, hangs or bursts its worker costs that page, is named, and is all that the next run does."""
import json, re, shutil, struct, zlib
from tap import case, dangan, finish, folder, sample

GOOD, OTHER, PAGE = '606129196201204759', '12036519341023878X', 'scan0003.jpg'


def new_batch():
    path = folder() / 'batch'
    shutil.copytree(sample, path)
    return path


whole = (sample / GOOD / PAGE).read_bytes()
shared = new_batch()


def batch():
    """A batch of which all is done but one page: it was scanned again, to the same picture."""
    global whole
    whole += b'\0'
    (shared / GOOD / PAGE).write_bytes(whole)
    return shared


def ingest(path, status, *options, fault=None):
    out = path.parent / 'out'
    done = dangan('ingest', path, '--out', out, '--ocr', 'none', '--json', '--jobs', 2, *options, status=status,
                  env={'DANGAN_FAULT': fault} if fault else None)
    return json.loads(done.stdout), done.stderr, json.loads((out / 'ingest-report.json').read_text())


def dossier(report, name):
    return next(d for d in report['dossiers'] if d['folder'] == name)


def costs_one_page(path, words, *options, fault=None, page=PAGE):
    """One page is lost and named in report and progress, every other side is done, the other dossiers are packaged."""
    summary, shown, report = ingest(path, 3, *options, fault=fault)
    bad = dossier(report, GOOD)
    assert bad['state'] == 'not packaged' and bad['failed_sides'] == 1, bad
    assert [p['scan'] for p in bad['pages'] if p['failed']] == [page], bad['pages']
    assert all('thumbnail' in p for p in bad['pages'] if not p['failed']), bad['pages']
    finding = next(f for f in bad['findings'] if f.get('file') == page)
    for word in words:
        assert re.search(word, finding['message']), (word, finding['message'])
        assert re.search(word, shown), (word, shown)
    assert page in shown, shown
    assert summary['packaged'] + summary['unchanged'] == 2 and summary['not_packaged'] == 1 and summary['failed_sides'] == 1, summary
    return summary


def next_run_does_that_page_alone(path):
    summary, _, report = ingest(path, (0, 1))
    done = summary['done']
    assert done['sides_imaged'] == 1 and done['sides_inspected'] == 1 and done['packages_written'] == 1, done
    assert summary['unchanged'] == 2 and dossier(report, GOOD)['state'] == 'packaged', summary


@case
def a_worker_that_crashes_costs_one_page_and_the_rest_goes_on():
    path = batch()
    summary = costs_one_page(path, ['crashed', 'Segmentation'], fault=f'crash:side.begin:{PAGE}')
    assert summary['packaged'] == 2 and summary['done']['sides_imaged'] == summary['sides'] - 1, summary
    next_run_does_that_page_alone(path)


@case
def a_worker_that_is_killed_by_the_machine_costs_one_page():
    path = batch()
    costs_one_page(path, ['crashed', 'no memory left'], fault=f'kill:side.begin:{PAGE}')
    next_run_does_that_page_alone(path)


@case
def a_worker_that_hangs_costs_one_page():
    path = batch()
    costs_one_page(path, ['longer than 5 s'], '--page-seconds', 5, fault=f'hang:side.begin:{PAGE}')
    next_run_does_that_page_alone(path)


@case
def a_worker_that_needs_too_much_memory_costs_one_page():
    path = batch()
    costs_one_page(path, ['more than the 1024 MiB of memory'], '--page-memory', 1024, fault=f'memory:side.begin:{PAGE}')
    next_run_does_that_page_alone(path)


@case
def a_file_that_crashes_while_it_is_opened_costs_its_pages():
    path = batch()
    costs_one_page(path, ['crashed'], fault=f'crash:scan.open:{PAGE}')
    next_run_does_that_page_alone(path)


def jpeg_of(width, height):
    header = bytearray(whole)
    start = next(m.start() for m in re.finditer(rb'\xff[\xc0\xc1\xc2]\x00', header))
    header[start + 5:start + 9] = struct.pack('>HH', height, width)
    return bytes(header)


def png_of(width, height, rows, channels=1):
    def chunk(name, data):
        return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
    packer = zlib.compressobj(1)
    data = b''.join(packer.compress(bytes(width * channels + 1)) for _ in range(rows)) + packer.flush()
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)) +
            chunk(b'IDAT', data) + chunk(b'IEND', b''))


def tiff_of(width, height):
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1),
            (278, 4, 1, height), (279, 4, 1, 64)]
    return (b'II*\0' + struct.pack('<I', 72) + bytes(64) + struct.pack('<H', len(tags)) +
            b''.join(struct.pack('<HHII', *t) for t in tags) + struct.pack('<I', 0))


@case
def a_header_of_four_billion_pixels_costs_one_page():
    for name, data in (('jpg', jpeg_of(65535, 65535)), ('png', png_of(65535, 65535, 1)), ('tif', tiff_of(65536, 65536))):
        path = batch()
        (path / GOOD / PAGE).write_bytes(data)
        costs_one_page(path, ['pixels'], '--page-memory', 1024)
        (path / GOOD / PAGE).write_bytes(whole)
        next_run_does_that_page_alone(path)


@case
def a_page_larger_than_its_memory_costs_one_page():
    path = batch()
    (path / GOOD / PAGE).write_bytes(png_of(14000, 14000, 14000, channels=3)) # four bytes a pixel in memory
    costs_one_page(path, ['memory'], '--page-memory', 700)
    (path / GOOD / PAGE).write_bytes(whole)
    next_run_does_that_page_alone(path)


@case
def limits_that_make_no_sense_are_refused():
    path = batch()
    for option in ('--page-seconds', '--page-memory', '--jobs'):
        done = dangan('ingest', path, '--out', path.parent / 'out', option, -1, status=2)
        assert option in done.stderr, done.stderr
    dangan('ingest', path, '--out', path.parent / 'out', '--page-seconds', 'soon', status=2)


finish()
