"""dangan export and dangan import: packages leave the house in other forms, deliveries of others come in."""
import csv, hashlib, json, os, pathlib, re, shutil, signal, subprocess, time, zipfile
import xml.etree.ElementTree as tree

from tap import archive, case, dangan, finish, folder, packages, sample

ns = {'d': 'urn:dangan:dossier:1'}
forms = {'gbt33870': 'x.zip', 'ocfl': 'object', 'pdf': 'x.pdf', 'carrier2012': 'carrier'}


def sha(path, algorithm='sha256'):
    return hashlib.new(algorithm, path.read_bytes()).hexdigest()


def ingest(batch=sample):
    out = folder() / 'packages'
    dangan('ingest', batch, '--out', out, '--ocr', 'none', status=(0, 1))
    return out


def dossier(package):
    return tree.parse(next(package.glob('data/*/metadata/descriptive/dossier.xml'))).getroot()


def facts(package):
    """Person, catalogue, and the digests of the masters of sides with content, in order."""
    root = dossier(package)
    person = {e.tag.split('}')[1]: e.text for e in root.find('d:person', ns)}
    keep = ('name', 'sex', 'ethnicity', 'birth', 'id-number')
    materials = []
    for material in root.iter('{%s}material' % ns['d']):
        masters = [page.find('d:master', ns).get('sha256') for page in material.iter('{%s}page' % ns['d'])
                   if page.get('blank') not in ('true', '1')]
        text = {e.tag.split('}')[1]: e.text for e in material if e.tag.split('}')[1] != 'page'}
        materials.append((material.get('class'), material.get('sequence'), text.get('title'), text.get('formed') or material.get('formed'),
                          text.get('note'), masters))
    return {k: person.get(k) for k in keep}, materials


def by_number(out):
    return {facts(p)[0]['id-number']: p for p in packages(out)}


made = ingest()
number = '606129196201204759'
one = by_number(made)[number]
deliveries = folder()
for package in packages(made):
    dangan('export', package, '--as', 'gbt33870', '--out', deliveries, status=(0, 1))


def round_trip(source, form):
    between, back = folder(), folder() / 'back'
    for package in packages(source):
        dangan('export', package, '--as', 'gbt33870', '--out', between, *form, status=(0, 1))
    dangan('import', between, '--out', back, '--ocr', 'none', status=(0, 1))
    there, again = by_number(source), by_number(back)
    assert there.keys() == again.keys() and there, (there.keys(), again.keys())
    for key, package in there.items():
        assert facts(package) == facts(again[key]), f'{facts(package)}\n{facts(again[key])}'
        for page in again[key].glob('data/*/representations/master/data/*'):
            assert sha(page) in {sha(p) for p in package.glob('data/*/representations/master/data/*')}
    dangan('verify', back, status=0)
    return between, back


@case
def package_to_exchange_to_package_keeps_person_catalogue_order_and_masters():
    for form in ((), ('--folder',)):
        between, back = round_trip(made, form)
    again = folder()
    for package in packages(back):
        dangan('export', package, '--as', 'gbt33870', '--out', again, '--folder', status=(0, 1))
    files = sorted(p.relative_to(between) for p in between.rglob('*') if p.is_file())
    assert files == sorted(p.relative_to(again) for p in again.rglob('*') if p.is_file())
    for file in files:
        assert (between / file).read_bytes() == (again / file).read_bytes(), file


@case
def the_same_holds_for_other_samples():
    batch = os.environ.get('DANGAN_SAMPLES')
    if not batch:
        return 'SKIP DANGAN_SAMPLES is not set'
    round_trip(ingest(pathlib.Path(batch)), ())


@case
def a_zip_is_one_that_other_programs_read():
    for path in deliveries.glob('*.zip'):
        with zipfile.ZipFile(path) as z:
            assert z.testzip() is None
            names = z.namelist()
            assert all(n.startswith(path.stem + '/') for n in names), names
            assert f'{path.stem}/{path.stem}.xml' in names
            root = tree.fromstring(z.read(f'{path.stem}/{path.stem}.xml'))
            assert root.tag == '数字档案' and [e.tag for e in root] == ['人员基本信息', '目录信息']
            for entry in root.iter('档案目录条目'):
                for kind in ('原始图像数据', '优化图像数据'):
                    listed = [e.text for e in entry.iter(kind)]
                    assert len(listed) == int(entry.findtext('页数'))
                    for i, name in enumerate(listed):
                        assert re.fullmatch(r'\d+(-\d+)?-\d+-%03d\.(jpg|tif|png)' % (i + 1), name), name
                        assert f'{path.stem}/图像数据/{kind}/{name}' in names


def change(zip_path, to, edit):
    """A delivery as a folder in `to`, changed by edit(folder)."""
    with zipfile.ZipFile(zip_path) as z:
        z.extractall(to)
    delivery = to / zip_path.stem
    edit(delivery)
    return delivery


def report(out):
    return json.loads((out / 'import-report.json').read_text())


def rules(entry):
    return {f['rule'] for f in entry['findings']}


@case
def a_bad_delivery_costs_itself_and_is_taken_when_it_is_mended():
    batch, out = folder(), folder() / 'out'
    for path in deliveries.glob('*.zip'):
        shutil.copy(path, batch)
    broken = batch / f'{next(deliveries.glob(f"*{number}.zip")).name}'
    whole = broken.read_bytes()
    broken.write_bytes(whole[:len(whole) // 2])
    done = dangan('import', batch, '--out', out, '--ocr', 'none', '--json', status=3)
    summary = json.loads(done.stdout)
    assert (summary['packaged'], summary['not_packaged']) == (2, 1), summary
    assert number not in done.stderr and '钟勇学' not in done.stderr, 'what may be kept as a log names a person'
    entry = next(d for d in report(out)['dossiers'] if d['state'] == 'not packaged')
    assert 'PKG-001' in rules(entry), entry
    ids = {r['folder']: r['id'] for r in csv.DictReader(open(out / 'packages.csv', encoding='utf-8-sig', newline=''))}
    broken.write_bytes(whole)
    summary = json.loads(dangan('import', batch, '--out', out, '--ocr', 'none', '--json', status=(0, 1)).stdout)
    assert (summary['packaged'], summary['unchanged'], summary['not_packaged']) == (1, 2, 0), summary
    again = {r['folder']: r['id'] for r in csv.DictReader(open(out / 'packages.csv', encoding='utf-8-sig', newline=''))}
    assert ids == again
    assert {p.name for p in packages(out)} == set(ids.values())
    assert '导入报告' in (out / 'import-report.html').read_text()
    assert not list(out.glob('.*.part')) and not list(out.glob('.dangan/*/unpacked'))


@case
def nothing_personal_is_in_mets_premis_or_the_packaged_report():
    out = folder() / 'out'
    dangan('import', deliveries, '--out', out, '--ocr', 'none', status=(0, 1))
    for package in packages(out):
        person = facts(package)[0]
        for file in [*package.glob('data/*/METS.xml'), *package.glob('data/*/metadata/preservation/*'), *package.glob('data/*/documentation/*.json'),
                     *package.glob('*.txt')]:
            text = file.read_text()
            assert person['name'] not in text and person['id-number'] not in text, file


def import_one(path):
    out = folder() / 'out'
    dangan('import', path, '--out', out, '--ocr', 'none', status=(0, 1))
    return out


@case
def each_of_many_dialects_is_named_and_read():
    source = next(deliveries.glob(f'*{number}.zip'))

    def xml_of(delivery):
        return delivery / f'{delivery.name}.xml'

    def gbk(delivery):
        text = xml_of(delivery).read_text()
        xml_of(delivery).write_bytes(text.encode('gb18030'))

    def old_names(delivery):
        text = xml_of(delivery).read_text()
        text = text.replace('公民身份号码', '身份证号').replace('民族', '名族').replace('优化图像数据', '高清图像数据')
        xml_of(delivery).write_text(text)
        (delivery / '图像数据/优化图像数据').rename(delivery / '图像数据/高清图像数据')

    def flat(delivery):
        for part in (delivery / '图像数据').iterdir():
            part.rename(delivery / part.name)
        (delivery / '图像数据').rmdir()

    def from_zero(delivery):
        for image in sorted(delivery.glob('图像数据/*/*')):
            stem, page = image.stem.rsplit('-', 1)
            image.rename(image.with_name(f'{stem}-{int(page) - 1:03d}{image.suffix}'))
        text = re.sub(r'-(\d{3})\.', lambda m: f'-{int(m[1]) - 1:03d}.', xml_of(delivery).read_text())
        xml_of(delivery).write_text(text)

    def no_dates(delivery):
        text = re.sub(r'<材料形成时间>[^<]*<', '<材料形成时间>00000<', xml_of(delivery).read_text())
        xml_of(delivery).write_text(text)

    def by_number_alone(delivery):
        delivery.rename(delivery.parent / number)

    cases = [(gbk, {'XML-001'}), (old_names, {'XML-002', 'PKG-004'}), (flat, {'PKG-004'}), (from_zero, {'IMG-011'}), (no_dates, {'CAT-004'}),
             (by_number_alone, {'PKG-003'})]
    plain = {d['rule'] for d in report(import_one(source))['dossiers'][0]['findings']}
    for edit, wanted in cases:
        batch = folder()
        change(source, batch, edit)
        out = import_one(batch)
        entry = report(out)['dossiers'][0]
        assert wanted <= rules(entry) and rules(entry) <= wanted | plain, (edit.__name__, entry['findings'])
        read, truth = facts(packages(out)[0]), facts(one)
        assert read[0] == truth[0], edit.__name__
        assert [m[5] for m in read[1]] == [m[5] for m in truth[1]], edit.__name__
        if edit is no_dates:
            assert all(m[3] is None for m in read[1]), read


def to_named_folder(delivery):
    """The delivery as a maker without the form has it: the number as name, a table for a catalogue, no XML."""
    xml = next(delivery.glob('*.xml'))
    with open(delivery / '目录.csv', 'w', encoding='utf-8') as table:
        table.write('类号,序号,材料名称,材料形成时间,份数,页数,备注\n')
        for entry in tree.parse(xml).iter('档案目录条目'):
            date = entry.findtext('材料形成时间') or ''
            table.write(','.join([entry.findtext('类号'), entry.findtext('序号'), entry.findtext('材料名称'), date, '1', entry.findtext('页数'), '']) + '\n')
    xml.unlink()
    for old, new in (('原始图像数据', '原始'), ('优化图像数据', '优化')):
        (delivery / '图像数据' / old).rename(delivery / new)
    (delivery / '图像数据').rmdir()
    delivery.rename(delivery.parent / number)


@case
def a_folder_named_by_number_needs_no_xml():
    source = next(deliveries.glob(f'*{number}.zip'))
    batch = folder()
    change(source, batch, to_named_folder)
    out = import_one(batch)
    alone, truth = facts(packages(out)[0]), facts(one)
    assert [m[2] for m in alone[1]] == [m[2] for m in truth[1]], (alone[1], truth[1])
    assert 'name' not in {k for k, v in alone[0].items() if v} and alone[0]['id-number'] == number, alone[0]
    assert {'PKG-003', 'PKG-004', 'XML-003'} <= rules(report(out)['dossiers'][0])
    # With the list beside it the person has a name; a second run with the same list changes nothing.
    shutil.copy(sample / '移交案卷目录.xlsx', batch)
    out = import_one(batch)
    assert facts(packages(out)[0])[0]['name'] == truth[0]['name']
    assert any(f['rule'] == 'LST-003' and f['severity'] == 'info' for f in report(out)['dossiers'][0]['findings'])
    again = json.loads(dangan('import', batch, '--out', out, '--ocr', 'none', '--json', status=(0, 1)).stdout)
    assert again['unchanged'] == 1, again
    (batch / '移交案卷目录.csv').write_text('a,b\n')
    dangan('import', batch, '--out', out, '--ocr', 'none', status=2)


@case
def what_cannot_be_trusted_is_refused():
    source = next(deliveries.glob(f'*{number}.zip'))

    def xml(delivery, edit):
        path = delivery / f'{delivery.name}.xml'
        path.write_text(edit(path.read_text()))

    def truncated(delivery):
        image = next(delivery.glob('图像数据/原始图像数据/*.jpg'))
        image.write_bytes(image.read_bytes()[:2000])

    def no_image(delivery):
        image = next(delivery.glob('图像数据/优化图像数据/*.jpg'))
        image.write_text('this is no image')

    cases = {
        'another person': (lambda d: d.rename(d.with_name('钟勇学11010519491231002X')), 'PKG-003'),
        'two persons': (lambda d: xml(d, lambda t: t.replace('</人员基本信息>', '</人员基本信息><人员基本信息><姓名>乙</姓名></人员基本信息>')), 'XML-003'),
        'an entity': (lambda d: xml(d, lambda t: t.replace('<数字档案', '<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><数字档案', 1)), 'XML-001'),
        'truncated': (truncated, 'IMG-001'),
        'no image': (no_image, 'IMG-001'),
        'missing': (lambda d: next(d.glob('图像数据/原始图像数据/*')).unlink(), 'XML-004'),
        'unlisted': (lambda d: shutil.copy(next(d.glob('图像数据/原始图像数据/*.jpg')), d / '图像数据/原始图像数据/1-1-099.jpg'), 'XML-004'),
        'no XML': (lambda d: next(d.glob('*.xml')).unlink(), 'PKG-004'),
    }
    for name, (edit, rule) in cases.items():
        batch, out = folder(), folder() / 'out'
        change(source, batch, edit)
        dangan('import', batch, '--out', out, '--ocr', 'none', status=3)
        assert not packages(out), name
        assert rule in rules(report(out)['dossiers'][0]), (name, report(out)['dossiers'][0]['findings'])


@case
def two_deliveries_of_one_person_are_not_both_taken():
    source = next(deliveries.glob(f'*{number}.zip'))
    batch, out = folder(), folder() / 'out'
    shutil.copy(source, batch)
    change(source, batch, lambda d: None)
    for _ in range(2):
        dangan('import', batch, '--out', out, '--ocr', 'none', status=3)
        assert len(packages(out)) == 1
        bad = [d for d in report(out)['dossiers'] if d['state'] == 'not packaged']
        assert len(bad) == 1 and 'LST-004' in rules(bad[0])


@case
def an_import_killed_again_and_again_ends_with_the_same_packages():
    calm, hurt = folder() / 'calm', folder() / 'hurt'
    dangan('import', deliveries, '--out', calm, '--ocr', 'none', status=(0, 1))
    hurt.mkdir()
    shutil.copy(calm / 'packages.csv', hurt)
    kills = 0
    for seconds in (0.1, 0.3, 0.6, 1.0, 1.6):
        child = subprocess.Popen([os.environ['DANGAN_BIN'], 'import', str(deliveries), '--out', str(hurt), '--ocr', 'none'],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(seconds)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            kills += 1
        child.wait()
    assert kills, 'no run lived long enough to be killed'
    dangan('import', deliveries, '--out', hurt, '--ocr', 'none', status=(0, 1))

    def digests(out):
        return sorted((r['id'], r['digest']) for r in csv.DictReader(open(out / 'delivery.csv', encoding='utf-8-sig', newline='')))

    assert digests(calm) == digests(hurt)
    assert not list(hurt.glob('.*.part'))


@case
def blank_sides_go_along_where_the_profile_or_the_option_says_so():
    profiles = pathlib.Path(__file__).parents[2] / 'schemas/profiles'
    own = folder() / 'keeps.xml'
    text = (profiles / 'soe-retiree.xml').read_text()
    own.write_text(text.replace('<images ', '<images exchange-blanks="keep" ', 1).replace('name="soe-retiree"', 'name="keeps"', 1))
    sides = [page.get('blank') for page in dossier(one).iter('{%s}page' % ns['d'])]
    content = sum(b not in ('true', '1') for b in sides)
    assert content < len(sides), 'the sample has no blank side'
    for options, wanted in (((), content), (('--blanks',), len(sides)), (('--profile', own), len(sides))):
        done = dangan('export', one, '--as', 'gbt33870', '--out', folder(), '--json', *options, status=(0, 1))
        assert json.loads(done.stdout)['pages'] == wanted, (options, done.stdout)


@case
def a_power_cut_at_any_step_leaves_nothing_under_the_name():
    points = {'gbt33870': 'exchange.staged', 'ocfl': 'ocfl.staged', 'pdf': 'pdf.written', 'carrier2012': 'carrier.staged'}
    out = folder()
    for form, name in forms.items():
        done = dangan('export', one, '--as', form, '--out', out / name, env={'DANGAN_FAULT': f'kill:{points[form]}'})
        assert done.returncode == -signal.SIGKILL, (form, done.returncode)
        assert not (out / name).exists()
        dangan('export', one, '--as', form, '--out', out / name, status=(0, 1))
    assert sorted(p.name for p in out.iterdir()) == sorted(forms.values()), list(out.iterdir())
    calm, hurt = folder() / 'calm', folder() / 'hurt'
    dangan('import', deliveries, '--out', calm, '--ocr', 'none', status=(0, 1))
    hurt.mkdir()
    shutil.copy(calm / 'packages.csv', hurt)
    done = dangan('import', deliveries, '--out', hurt, '--ocr', 'none', env={'DANGAN_FAULT': 'kill:import.packaged'})
    assert done.returncode == -signal.SIGKILL and len(packages(hurt)) == 1
    dangan('import', deliveries, '--out', hurt, '--ocr', 'none', status=(0, 1))
    assert {p.name: sha(p / 'tagmanifest-sha256.txt') for p in packages(calm)} == \
           {p.name: sha(p / 'tagmanifest-sha256.txt') for p in packages(hurt)}


# --- exports --------------------------------------------------------------------------------------------------------------

@case
def an_existing_output_is_kept_unless_it_may_be_replaced():
    out = folder()
    for form, name in forms.items():
        dangan('export', one, '--as', form, '--out', out / name, status=(0, 1))
        before = sorted(p.relative_to(out) for p in out.rglob('*'))
        dangan('export', one, '--as', form, '--out', out / name, status=2)
        dangan('export', one, '--as', form, '--out', out / name, '--replace', status=(0, 1))
        assert before == sorted(p.relative_to(out) for p in out.rglob('*')), form


@case
def a_damaged_or_unknown_package_is_said_and_nothing_is_left():
    out, hurt = folder(), folder() / one.name
    shutil.copytree(one, hurt)
    for kind in ('master', 'access'):
        image = sorted(hurt.glob(f'data/*/representations/{kind}/data/*'))[0]
        image.chmod(0o644)
        data = bytearray(image.read_bytes())
        data[len(data) // 2] ^= 1
        image.write_bytes(data)
    for form, name in forms.items():
        done = dangan('export', hurt, '--as', form, '--out', out / name, status=2)
        assert 'changed' in done.stderr, done.stderr
        dangan('export', out, '--as', form, '--out', out / name, status=2)
        dangan('export', out / 'nowhere', '--as', form, '--out', out / name, status=2)
    assert not list(out.iterdir()), list(out.iterdir())
    dangan('export', one, '--as', 'docx', '--out', out / 'x', status=2)
    dangan('export', one, '--as', 'pdf', status=2)
    dangan('export', '--as', 'pdf', '--out', out / 'x', status=2)
    dangan('export', one, '--as', 'pdf', '--out', out / 'no/such/folder/x.pdf', status=(2, 4))


def check_ocfl(root, package_of):
    """The MUSTs of OCFL 1.1 (numbers of its sections) on an object, and that each version gives its package back."""
    assert (root / '0=ocfl_object_1.1').read_text() == 'ocfl_object_1.1\n'  # 3.3
    inventory = json.loads((root / 'inventory.json').read_text())
    assert inventory['type'] == 'https://ocfl.io/1.1/spec/#inventory'
    assert inventory['digestAlgorithm'] in ('sha512', 'sha256')
    assert re.match(r'urn:uuid:[0-9a-f-]{36}$', inventory['id'])
    versions = inventory['versions']
    n = len(versions)
    assert set(versions) == {f'v{i + 1}' for i in range(n)} and inventory['head'] == f'v{n}'  # 3.5.1, 3.3.1
    assert sorted(p.name for p in root.iterdir()) == sorted(['0=ocfl_object_1.1', 'inventory.json', 'inventory.json.sha512', *versions])
    for place in [root, *(root / v for v in versions)]:  # 3.7 sidecars
        digest, name = (place / 'inventory.json.sha512').read_text().split()
        assert name == 'inventory.json' and digest == sha(place / 'inventory.json', 'sha512')
    assert (root / f'v{n}/inventory.json').read_bytes() == (root / 'inventory.json').read_bytes()  # 3.5.4
    content = {str(p.relative_to(root)) for v in versions for p in (root / v / 'content').rglob('*') if p.is_file()}
    listed = [p for paths in inventory['manifest'].values() for p in paths]
    assert len(listed) == len(set(listed)) and set(listed) == content  # 3.5.2: every content file once
    for digest, paths in inventory['manifest'].items():
        assert re.fullmatch('[0-9a-f]{128}', digest)
        for p in paths:
            assert not p.startswith('/') and '..' not in p.split('/') and sha(root / p, 'sha512') == digest
    for algorithm, block in inventory['fixity'].items():  # 3.5.4
        for digest, paths in block.items():
            for p in paths:
                assert p in content and sha(root / p, algorithm) == digest
    used = set()
    for i in range(n):  # 3.5.3
        version = versions[f'v{i + 1}']
        assert re.match(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$', version['created'])
        assert version['message'] and version['user']['name'] and re.match(r'\w+:', version['user']['address'])
        logical = [p for paths in version['state'].values() for p in paths]
        assert len(logical) == len(set(logical))
        used |= set(version['state'])
        earlier = json.loads((root / f'v{i + 1}/inventory.json').read_text())
        assert earlier['head'] == f'v{i + 1}' and earlier['id'] == inventory['id']
        assert all(earlier['versions'][f'v{k + 1}']['state'] == versions[f'v{k + 1}']['state'] for k in range(i + 1))
        package = package_of(i + 1)
        files = {str(p.relative_to(package)): p for p in package.rglob('*') if p.is_file()}
        assert set(files) == set(logical)
        for digest, paths in version['state'].items():
            for p in paths:
                assert sha(files[p], 'sha512') == digest
                assert sha(root / inventory['manifest'][digest][0], 'sha512') == digest
    assert used == set(inventory['manifest'])


@case
def an_ocfl_object_is_valid_and_holds_the_package():
    out = folder() / 'object'
    dangan('export', one, '--as', 'ocfl', '--out', out, status=0)
    check_ocfl(out, lambda version: one)


@case
def the_carrier_names_everything_and_its_sums_fit():
    out = folder() / 'carrier'
    dangan('export', one, '--as', 'carrier2012', '--out', out, status=0)
    assert sorted(p.name for p in out.iterdir()) == sorted(['说明文件.TXT', '案卷目录.XML', '文件目录.XML', '电子档案', '其他'])
    subprocess.run(['sha256sum', '--check', '--strict', '--quiet', '其他/sha256sum.txt'], cwd=out, check=True)
    rows = list(tree.parse(out / '文件目录.XML').getroot())
    assert [e.tag for e in rows[0]] == ['顺序号', '档号', '责任者', '题名', '日期', '密级', '电子档案名称', '备注']
    assert [r.findtext('题名') for r in rows] == [m[2] for m in facts(one)[1]]
    for row in rows:
        assert list((out / row.findtext('电子档案名称')).iterdir()), row.findtext('电子档案名称')
    masters = sorted(sha(p) for p in one.glob('data/*/representations/master/data/*'))
    assert masters == sorted(sha(p) for p in (out / '电子档案').rglob('*') if p.is_file())


@case
def a_pdf_holds_the_images_as_they_are_and_is_always_the_same():
    out = folder()
    for name in ('a.pdf', 'b.pdf'):
        dangan('export', one, '--as', 'pdf', '--out', out / name, status=0)
    assert (out / 'a.pdf').read_bytes() == (out / 'b.pdf').read_bytes()
    subprocess.run(['qpdf', '--check', out / 'a.pdf'], check=True, capture_output=True)
    subprocess.run(['pdfimages', '-all', out / 'a.pdf', out / 'image'], check=True)
    images = [sha(p) for p in sorted(out.glob('image*'))]
    accesses = {sha(p) for p in one.glob('data/*/representations/access/data/*')}
    assert len(images) == len(accesses) and set(images) == accesses


@case
def a_dossier_of_an_archive_is_exported_by_its_id():
    base = folder()
    second = base / 'second' / one.name
    with archive(base / 'archive') as place:
        dangan('deposit', '--archive', place, one, status=0)
        changed = folder() / 'packages'
        changed.mkdir()
        shutil.copy(made / 'packages.csv', changed)
        dangan('ingest', sample, '--out', changed, '--ocr', 'none', '--operator', '另一操作员', status=(0, 1))
        shutil.copytree(changed / one.name, second)
        dangan('deposit', '--archive', place, second, status=0)
        out = base / 'out'
        out.mkdir()
        for form, name in forms.items():
            dangan('export', one.name, '--archive', place, '--as', form, '--out', out / name, status=(0, 1))
        assert sorted(p.name for p in out.iterdir()) == sorted(forms.values())
        check_ocfl(out / 'object', lambda version: (one, second)[version - 1])
        dangan('export', one.name, '--archive', place, '--version', '1', '--as', 'ocfl', '--out', out / 'first', status=0)
        check_ocfl(out / 'first', lambda version: one)
        dangan('export', one.name, '--archive', place, '--version', '3', '--as', 'pdf', '--out', out / 'y.pdf', status=2)
        dangan('export', '00000000-0000-4000-8000-000000000000', '--archive', place, '--as', 'pdf', '--out', out / 'y.pdf', status=2)
        dangan('export', 'no-id', '--archive', place, '--as', 'pdf', '--out', out / 'y.pdf', status=2)
        assert not (out / 'y.pdf').exists()


@case
def wrong_use_is_said():
    out = folder()
    for arguments in (['import'], ['import', deliveries], ['import', '/nowhere', '--out', out / 'x'], ['import', out, '--out', out / 'x'],
                      ['import', deliveries, '--out', out / 'x', '--scheme', 'none'], ['import', deliveries, deliveries, '--out', out / 'x']):
        dangan(*arguments, status=2)
    for verb in ('import', 'export'):
        text = dangan(verb, '--help', status=0).stdout
        assert f'dangan {verb} ' in text and '例' in text


finish()
