#!/usr/bin/env python3
"""docs/openapi.json against the running service: every address answers as the document says, and nothing answers that it does not name."""
import atexit, contextlib, http.client, json, os, pathlib, re, shutil, subprocess, sys, urllib.parse
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import jsonschema
from tap import archive, binary, case, dangan, finish, folder, sample, source

document = json.loads((source / 'docs/openapi.json').read_text())
asked = set()  # (path, method, status) that a request has shown


def smallest(batch):
    """The sample batch with its smallest dossier alone."""
    place = folder() / 'batch'
    place.mkdir()
    shutil.copytree(batch / number, place / number)
    for file in batch.iterdir():
        if file.is_file() and file.suffix in ('.xlsx', '.conf'):
            shutil.copy(file, place)
    return place


def ask(method, target, headers=None, body=None):
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.request(method, target, body, {**({'X-Dangan': '1'} if method != 'GET' else {}), **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def schema_of(named):
    return {**named, 'components': document['components']}


def check(path, method, target, status, headers=None, body=None):
    """The answer is one that the document names, and looks as it says. Returns its content."""
    answer, content = ask(method.upper(), target, headers, body)
    assert answer.status == status, f'{method} {target}: {answer.status}, wanted {status}: {content[:300]}'
    responses = document['paths'][path][method]['responses']
    assert str(status) in responses, f'{method} {path}: the document has no {status}'
    asked.add((path, method, str(status)))
    kinds = responses[str(status)].get('content')
    if not kinds:
        assert not content, f'{method} {target}: a body that the document does not name'
        return None
    kind = answer.getheader('Content-Type').split(';')[0]
    assert kind in kinds, f'{method} {path}: {kind} is not in the document'
    if not kind.endswith('json'):
        return content
    value = json.loads(content)
    jsonschema.validate(value, schema_of(kinds[kind]['schema']))
    return value


place = folder()
running = contextlib.ExitStack()
atexit.register(running.close)
number = min((d for d in sample.iterdir() if d.is_dir()), key=lambda d: len(list(d.iterdir()))).name
dangan('ingest', smallest(sample), '--out', place / 'packages', status=(0, 1, 3)) # the list has rows of others
held = running.enter_context(archive(place / 'archive'))
dangan('deposit', '--archive', held, place / 'packages', status=0)
dangan('user', 'add', '--archive', held, 'wang', stdin='correct horse\n', status=0)
service = subprocess.Popen([binary, 'serve', '--archive', str(held), '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
running.callback(service.kill)
host, port = service.stdout.readline().split('//')[1].strip('/\n').rsplit(':', 1)


@case
def the_document_is_one_and_names_every_route():
    routes = re.findall(r'^\| (GET|POST|DELETE) \| `([^`]+)` \|', (source / 'docs/api.md').read_text(), re.M)
    named = {(method.upper(), path) for path, methods in document['paths'].items() for method in methods}
    for method, path in routes:
        if path.endswith('/…'):
            assert any(m == method and p.startswith(path[:-1]) for m, p in named), path
        else:
            assert (method, path) in named, (method, path)
    for method, path in named:
        assert (method, path) in routes or path.startswith('/iiif/{capability}/'), f'{method} {path} is no route'
    text = json.dumps(document)
    for schema in re.findall(r'#/components/schemas/(\w+)', text):
        assert schema in document['components']['schemas'], schema
    for schema in document['components']['schemas'].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for path, methods in document['paths'].items():
        for operation in methods.values():
            declared = {p['name'] for p in operation.get('parameters', []) if p['in'] == 'path'}
            assert declared == set(re.findall(r'{(\w+)}', path)), path


@case
def answers_are_as_the_document_says():
    api = '/api/v1/'
    check(api + 'session', 'post', api + 'session', 400, body='{}')
    check(api + 'session', 'post', api + 'session', 401, body=json.dumps({'name': 'wang', 'password': 'wrong password'}))
    login, _ = ask('POST', api + 'session', body=json.dumps({'name': 'wang', 'password': 'correct horse'}))
    cookie = {'Cookie': login.getheader('Set-Cookie').split(';')[0]}
    check(api + 'session', 'post', api + 'session', 201, body=json.dumps({'name': 'wang', 'password': 'correct horse'}))
    assert check(api + 'session', 'get', api + 'session', 200, cookie)['districts'] is None
    found = check(api + 'search', 'get', api + 'search?q=' + number, 200, cookie)
    id = found['results'][0]['dossier']
    check(api + 'search', 'get', api + 'search', 400, cookie)
    check(api + 'search', 'get', api + 'search?q=' + 'a' * 101, 413, cookie)
    dossier = check(api + 'dossiers/{id}', 'get', api + 'dossiers/' + id, 200, cookie)
    check(api + 'dossiers/{id}', 'get', api + 'dossiers/x', 404, cookie)
    page = next(page['page'] for c in dossier['classes'] for m in c['materials'] for page in m['pages'] if page['text'])
    lines = check(api + 'pages/{page}/text', 'get', f'{api}pages/{page}/text', 200, cookie)['lines']
    word = urllib.parse.quote(max((re.search('[\u4e00-\u9fff]+', line['text'])[0] for line in lines if re.search('[\u4e00-\u9fff]', line['text'])), key=len)[:4])
    assert check(api + 'search', 'get', f'{api}search?field=text&q={word}', 200, cookie)['results']
    assert check(api + 'dossiers/{id}/hits', 'get', f'{api}dossiers/{id}/hits?q={word}', 200, cookie)['hits']
    check(api + 'dossiers/{id}/hits', 'get', f'{api}dossiers/{id}/hits', 400, cookie)
    for kind in ('access', 'master', 'thumbnail', 'text'):
        check(f'{api}pages/{{page}}/{kind}', 'get', f'{api}pages/{page}/{kind}', 200, cookie)
        check(f'{api}pages/{{page}}/{kind}', 'get', f'{api}pages/x/{kind}', 404, cookie)
        tag = ask('GET', f'{api}pages/{page}/{kind}', cookie)[0].getheader('ETag')
        check(f'{api}pages/{{page}}/{kind}', 'get', f'{api}pages/{page}/{kind}', 304, {**cookie, 'If-None-Match': tag})
    check(api + 'dossiers/{id}/open', 'post', api + 'dossiers/x/open', 404, cookie)
    opened = check(api + 'dossiers/{id}/open', 'post', f'{api}dossiers/{id}/open', 201, cookie)
    base, here = '/iiif/{capability}', '/iiif/' + opened['capability']
    manifest = check(base + '/manifest.json', 'get', here + '/manifest.json', 200, cookie)
    assert len(manifest['items']) == sum(len(m['pages']) for c in dossier['classes'] for m in c['materials'])
    for service in ('search', 'search1'):
        check(f'{base}/{service}', 'get', f'{here}/{service}?q={word}', 200, cookie)
        check(f'{base}/{service}', 'get', f'{here}/{service}', 400, cookie)
    check(base + '/{page}', 'get', f'{here}/{page}', 303, cookie)
    for rest in ('info.json', 'alto.xml', 'lines.json'):
        check(f'{base}/{{page}}/{rest}', 'get', f'{here}/{page}/{rest}', 200, cookie)
        check(f'{base}/{{page}}/{rest}', 'get', f'{here}/x/{rest}', 404, cookie)
        check(f'{base}/{{page}}/{rest}', 'get', f'/iiif/x/{page}/{rest}', 403, cookie)
    image = base + '/{page}/{region}/{size}/{rotation}/{file}'
    for rest, status in (('full/!300,300/0/default.jpg', 200), ('full/!300,300/90/gray.png', 200), ('full/0,/0/default.jpg', 400), ('full/max/5/default.jpg', 501)):
        check(image, 'get', f'{here}/{page}/{rest}', status, cookie)
    tag = ask('GET', f'{here}/{page}/full/!300,300/0/default.jpg', cookie)[0].getheader('ETag')
    check(image, 'get', f'{here}/{page}/full/!300,300/0/default.jpg', 304, {**cookie, 'If-None-Match': tag})
    check(image, 'get', f'{here}/{page}_master/pct:0,0,10,10/max/0/default.jpg', 200, cookie)
    for path in ('/healthz', '/readyz', '/metrics'):
        check(path, 'get', path, 200)
    check(api + 'session', 'delete', api + 'session', 204, cookie)


@case
def without_a_session_every_route_says_so():
    for path, methods in document['paths'].items():
        target = re.sub(r'{\w+}', 'x', path)
        for method, operation in methods.items():
            if operation.get('security') == []:
                continue
            check(path, method, target, 401)


@case
def every_good_answer_of_the_document_was_seen():
    wanted = {(path, method, status) for path, methods in document['paths'].items() for method, operation in methods.items()
              for status in operation['responses'] if status < '400'}
    assert wanted <= asked, sorted(wanted - asked)


finish()
