"""script/check-includes on small houses with one fault each; TAP."""
import pathlib, subprocess, sys, tempfile

script = pathlib.Path(__file__).resolve().parents[2] / 'script/check-includes'
sound = {
    'include/dangan/file.h': '#include <glib.h>\n',
    'include/dangan/handle/json.h': '#include <jansson.h>\n',
    'include/dangan/image.h': '#include <dangan/file.h>\n',
    'include/dangan/ingest.h': '',
    'include/dangan/verify.h': '',
    'include/dangan/archive.h': '',
    'include/dangan/search.h': '',
    'base/file.c': '#include "place.h"\n#include <dangan/file.h>\n#include <dangan/handle/json.h>\n',
    'base/place.h': '',
    'image/image.c': '#include <dangan/image.h>\n#include <dangan/file.h>\n',
    'ingest/ingest.c': '#include <dangan/image.h>\n',
    'ingest/ocr/engine.c': '#include "engine.h"\n#include "../ingest.h"\n',
    'ingest/ocr/engine.h': '',
    'ingest/ingest.h': '',
    'verify/verify.c': '#include <dangan/image.h>\n',
    'store/archive.c': '#include <dangan/verify.h>\n',
    'query/search.c': '#include <dangan/archive.h>\n#include <dangan/verify.h>\n',
    'cli/ingest.c': '#include <dangan/ingest.h>\n#include <dangan/search.h>\n',
    'cli/archive.c': '#include "cli.h"\n#include <dangan/archive.h>\n',
    'cli/cli.h': '',
}
# (title, file, its text, what the complaint must say; None: sound)
cases = [
    ('a sound house passes', None, None, None),
    ('base includes nothing of image', 'base/file.c', '#include <dangan/image.h>\n', 'base must not include dangan/image.h'),
    ('a public header points down as well', 'include/dangan/file.h', '#include <dangan/image.h>\n', 'include/dangan/file.h:1: base'),
    ('verify and ingest do not see each other', 'verify/verify.c', '\n\n#include <dangan/ingest.h>\n', 'verify/verify.c:3: verify must not'),
    ('ingest does not see verify', 'ingest/ingest.c', '# include "dangan/verify.h"\n', 'ingest must not include dangan/verify.h'),
    ('ingest does not see the store', 'ingest/ingest.c', '#include <dangan/archive.h>\n', 'which belongs to store'),
    ('query does not see ingest', 'query/search.c', '#include <dangan/ingest.h>\n', 'query must not include dangan/ingest.h'),
    ('the store does not see query', 'store/archive.c', '#include <dangan/search.h>\n', 'store must not'),
    ('a header beside the .c is for its room alone', 'image/image.c', '#include "../base/place.h"\n', 'header of another room'),
    ('a header that is not there is named', 'image/image.c', '#include <dangan/nothing.h>\n', 'dangan/nothing.h does not exist'),
    ('a header beside that is not there is named', 'image/image.c', '#include "nothing.h"\n', 'is not beside this file'),
    ('a public header has a room', 'include/dangan/orphan.h', '', 'belongs to no room'),
    ('a public header has one room', 'verify/file.c', '', 'base and verify'),
]

print(f'1..{len(cases)}')
wrong = 0
for number, (title, file, text, says) in enumerate(cases, 1):
    with tempfile.TemporaryDirectory(prefix='dangan-test.') as folder:
        for name, content in {**sound, **({file: text} if file else {})}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        done = subprocess.run([sys.executable, script, folder], capture_output=True, text=True)
    good = done.returncode == (1 if says else 0) and (says or '') in done.stderr
    wrong += not good
    print('ok' if good else 'not ok', number, '-', title)
    if not good:
        print('# ' + done.stderr.replace('\n', '\n# '))
sys.exit(1 if wrong else 0)
