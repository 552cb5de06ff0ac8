#!/usr/bin/python3
"""Bad input at the command line: one clear message that names file and row, the right exit status, the rest goes on."""
import csv, os, pathlib, shutil, subprocess
from tap import archive, binary, case, dangan, finish, folder, packages, sample

GOOD, OTHER = '606129196201204759', '12036519341023878X'
HEAD = ['序号', '姓名', '身份证号码', '性别', '出生日期', '退休手续办理时间', '生存状态', '死亡日期', '所属单位', '户籍所在地', '页数', '档案局档号', '保管期限', '备注']
ROW1 = ['1', '钟勇学', GOOD, '男', '19620120', '20190101', '健在', '', '上饶东方红轴承厂', '江西省上饶市', '4', 'RS-2020-900-0001', '永久', '']
ROW2 = ['2', '方维强', OTHER, '女', '19341023', '19841001', '健在', '', '上饶东方红轴承厂', '甘肃省天水市', '2', 'RS-2020-900-0002', '永久', '']


def write_csv(path, rows):
    with open(path, 'w', encoding='utf-8-sig', newline='') as f:
        csv.writer(f).writerows(rows)


def batch():
    """Two dossiers of the sample batch, with a handover list that a test can spoil."""
    path = folder() / 'batch'
    path.mkdir()
    shutil.copy(sample / 'batch.conf', path)
    for name in (GOOD, OTHER):
        shutil.copytree(sample / name, path / name)
    write_csv(path / '移交案卷目录.csv', [['国有企业退休人员人事档案移交案卷目录'], HEAD, ROW1, ROW2])
    return path


def ingest(path, status):
    out = path.parent / 'out'
    done = dangan('ingest', path, '--out', out, '--ocr', 'none', status=status)
    text = done.stdout + done.stderr
    made = packages(out) if out.is_dir() else []
    hidden = [n for n in os.listdir(out) if n.endswith('.part')] if out.is_dir() else []
    assert not hidden, f'half-written and visible: {hidden}'
    return text, made, out


def one_of_two(path, *words):
    """The other dossier is packaged, this one is not, and the message has the words."""
    text, made, out = ingest(path, 3)
    assert len(made) == 1, f'{len(made)} packages\n{text}'
    for word in words:
        assert word in text, f'{word!r} not in:\n{text}'


@case
def an_unreadable_image_is_named():
    path = batch()
    (path / GOOD / 'scan0003.jpg').write_bytes(b'this is no image')
    one_of_two(path, 'scan0003.jpg')


@case
def a_truncated_image_is_named():
    path = batch()
    whole = (path / GOOD / 'scan0003.jpg').read_bytes()
    (path / GOOD / 'scan0003.jpg').write_bytes(whole[:len(whole) // 2])
    one_of_two(path, 'scan0003.jpg')


@case
def a_missing_page_is_named_with_catalogue_and_counts():
    path = batch()
    (path / GOOD / 'scan0006.png').unlink()
    one_of_two(path, '目录.xlsx', '4', '3')


@case
def an_extra_page_is_named_with_catalogue_and_counts():
    path = batch()
    shutil.copy(path / GOOD / 'scan0001.jpg', path / GOOD / 'scan0007.jpg')
    one_of_two(path, '目录.xlsx', '4', '5')


@case
def a_wrong_header_row_of_a_catalogue_is_named():
    path = batch()
    (path / GOOD / '目录.xlsx').unlink()
    write_csv(path / GOOD / '目录.csv', [['甲', '乙', '丙'], ['一', '1', '职工登记表']])
    one_of_two(path, '目录.csv', '类号')


@case
def a_wrong_header_row_of_the_handover_list_is_named():
    path = batch()
    write_csv(path / '移交案卷目录.csv', [['国有企业退休人员人事档案移交案卷目录'], ['甲', '乙'], ROW1, ROW2])
    text, made, out = ingest(path, (2, 3))
    assert '移交案卷目录.csv' in text and '姓名' in text, text
    assert not made


@case
def two_rows_for_one_id_number_are_named():
    path = batch()
    write_csv(path / '移交案卷目录.csv', [['国有企业退休人员人事档案移交案卷目录'], HEAD, ROW1, ROW2, ['3'] + ROW1[1:]])
    one_of_two(path, '移交案卷目录.csv', '3', '5')


@case
def an_id_number_with_a_wrong_check_digit_is_named():
    path = batch()
    wrong = GOOD[:-1] + '8'
    (path / GOOD).rename(path / wrong)
    write_csv(path / '移交案卷目录.csv', [['国有企业退休人员人事档案移交案卷目录'], HEAD, ROW1[:2] + [wrong] + ROW1[3:], ROW2])
    one_of_two(path, '移交案卷目录.csv', '3')


@case
def a_folder_without_a_catalogue_is_named():
    path = batch()
    (path / GOOD / '目录.xlsx').unlink()
    one_of_two(path, '目录')


@case
def a_row_without_a_folder_and_a_folder_without_a_row_are_named():
    path = batch()
    (path / GOOD).rename(path / '000000')
    text, made, out = ingest(path, 3)
    assert len(made) == 1 and '000000' in text, text


@case
def an_empty_batch_is_wrong_input():
    path = folder() / 'nothing'
    path.mkdir()
    text, made, out = ingest(path, 2)
    assert 'nothing' in text


@case
def a_batch_that_does_not_exist_is_wrong_input():
    text, made, out = ingest(folder() / 'missing', 2)
    assert 'missing' in text


@case
def an_output_that_is_a_file_ends_with_a_clear_message():
    path = batch()
    (path.parent / 'taken').write_text('')
    done = dangan('ingest', path, '--out', path.parent / 'taken', '--ocr', 'none', status=(2, 4))
    assert 'taken' in done.stderr, done.stderr


@case
def an_unwritable_output_ends_with_a_clear_message():
    if os.geteuid() != 0:
        return 'SKIP needs root for another user'
    path, out = batch(), folder() / 'closed'
    out.mkdir(mode=0o555)
    for p in [path.parent, *path.parent.rglob('*')]:
        p.chmod(0o755)
    done = subprocess.run(['runuser', '-u', 'nobody', '--', binary, 'ingest', str(path), '--out', str(out / 'packages'), '--ocr', 'none'],
                          capture_output=True, text=True)
    if 'Permission denied' in done.stderr and binary in done.stderr:
        return 'SKIP another user cannot run the program here'
    assert done.returncode in (2, 4) and 'closed' in done.stderr, (done.returncode, done.stderr)
    assert not list(out.iterdir())


@case
def a_full_disk_ends_ingest_with_4_and_leaves_nothing_half_written():
    if os.geteuid() != 0:
        return 'SKIP needs root to mount a small file system'
    path, out = batch(), folder() / 'small'
    out.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', str(out)], capture_output=True).returncode:
        return 'SKIP cannot mount here'
    try:
        done = dangan('ingest', path, '--out', out, '--ocr', 'none', status=4)
        assert 'space' in done.stderr or 'full' in done.stderr, done.stderr
        for package in packages(out):
            dangan('verify', package, status=0)
        subprocess.run(['mount', '-o', 'remount,size=200m', str(out)], check=True)
        dangan('ingest', path, '--out', out, '--ocr', 'none', status=(0, 1))
        assert len(packages(out)) == 2
    finally:
        subprocess.run(['umount', '-l', str(out)])


@case
def no_database_ends_deposit_with_4_and_keeps_what_there_is():
    path = batch()
    out = path.parent / 'out'
    dangan('ingest', path, '--out', out, '--ocr', 'none', status=(0, 1))
    with archive(path.parent / 'archive') as kept:
        dangan('archive', 'stop', kept, status=0)
        data = kept / 'pg/data'
        data.rename(kept / 'pg/away')
        done = dangan('deposit', '--archive', kept, out, status=(2, 4))
        assert str(kept) in done.stderr, done.stderr
        dangan('search', '--archive', kept, '钟勇学', status=(2, 4))
        (kept / 'pg/away').rename(data)
        dangan('deposit', '--archive', kept, out, status=0)


@case
def an_archive_that_does_not_exist_is_wrong_input():
    missing = folder() / 'no-archive'
    for command in (['deposit', '--archive', missing, missing], ['search', '--archive', missing, '某'], ['serve', '--archive', missing],
                    ['archive', 'start', missing], ['archive', 'status', missing]):
        done = dangan(*command, status=2)
        assert 'no-archive' in done.stderr, (command, done.stderr)


@case
def a_damaged_package_is_refused_and_the_rest_goes_on():
    path = batch()
    out = path.parent / 'out'
    dangan('ingest', path, '--out', out, '--ocr', 'none', status=(0, 1))
    victim = sorted(out.glob('*/data/*/representations/master/data/*'))[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    dangan('verify', out, status=1)
    with archive(path.parent / 'archive') as kept:
        done = dangan('deposit', '--archive', kept, out, status=3)
        assert 'BAG-' in done.stdout + done.stderr, done.stderr


@case
def wrong_use_is_told_with_2():
    for command in ([], ['nonsense'], ['ingest'], ['ingest', 'x', '--nonsense'], ['verify'], ['deposit'], ['archive'], ['archive', 'paint', '/tmp'],
                    ['search'], ['serve'], ['inspect'], ['ocr'], ['user'], ['verify', '/nonexistent']):
        done = dangan(*command, status=2)
        assert done.stderr, command


@case
def every_verb_has_help_with_an_example():
    verbs = [l.split()[0] for l in dangan('--help', env={'DANGAN_LANG': 'en'}, status=0).stdout.splitlines() if l.startswith('  ')]
    assert len(verbs) >= 9, verbs
    for verb in verbs:
        text = dangan(verb, '--help', status=0).stdout
        assert f'dangan {verb}' in text and ('Example' in text or '例' in text), verb


finish()
