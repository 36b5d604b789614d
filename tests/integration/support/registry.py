"""A twin of Confluent's Schema Registry: as much of its REST protocol as a writer and a reader of Protobuf use, in memory."""
import base64
import contextlib
import json
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


class Refused(Exception):
    def __init__(self, status: int, code: int, message: str):
        super().__init__(message)
        self.status, self.body = status, {"error_code": code, "message": message}


def compiled(name: str, schema: dict, imported: dict[str, str]) -> descriptor_pb2.FileDescriptorSet:
    """By protoc: with what it imports, as name -> text."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**imported, name: schema["schema"]}.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text)
        done = subprocess.run(["protoc", f"-I{folder}", "--include_imports", f"--descriptor_set_out={folder}/set", name], capture_output=True, text=True)
        if done.returncode != 0:
            raise Refused(422, 42201, f"Invalid schema: {done.stderr}")
        return descriptor_pb2.FileDescriptorSet.FromString(Path(folder, "set").read_bytes())


class Registry:
    """`incompatible`: subjects that take no schema."""

    FIRST_ID = 100_001

    def __init__(self, port: int, user: str, password: str):
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.incompatible, self.schemas, self.subjects = set(), [], {}  # id - FIRST_ID -> schema; subject -> ids by version
        self.lock = threading.Lock()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    if self.headers.get("Authorization") != registry.authorization:
                        raise Refused(401, 401, "Unauthorized")
                    with registry.lock:
                        status, said = 200, registry.handle(self.command, [urllib.parse.unquote(part) for part in self.path.strip("/").split("/")], body)
                except Refused as refusal:
                    status, said = refusal.status, refusal.body
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handle(self, method: str, path: list[str], body: bytes) -> dict:
        match method, path:
            case "POST", ["subjects", subject, "versions"]:
                return {"id": self.register(subject, self.schema_in(body))}
            case "POST", ["subjects", subject]:
                schema = self.schema_in(body)
                for version, number in enumerate(self.subjects.get(subject, []), 1):
                    if self.schemas[number] == schema:
                        return {"subject": subject, "id": number + self.FIRST_ID, "version": version, **schema}
                raise Refused(404, 40403, "Schema not found")
            case "GET", ["schemas", "ids", number] if 0 <= int(number) - self.FIRST_ID < len(self.schemas):
                return self.schemas[int(number) - self.FIRST_ID]
            case "GET", ["subjects", subject, "versions", version] if 0 < int(version) <= len(self.subjects.get(subject, [])):
                number = self.subjects[subject][int(version) - 1]
                return {"subject": subject, "id": number + self.FIRST_ID, "version": int(version), **self.schemas[number]}
        raise Refused(404, 40401, "not found: " + "/".join(path))

    @staticmethod
    def schema_in(body: bytes) -> dict:
        schema = json.loads(body)
        if schema.get("schemaType") != "PROTOBUF":  # what is left out is Avro
            raise Refused(422, 42201, "Invalid schema")
        return {"schemaType": "PROTOBUF", "schema": schema["schema"], "references": schema.get("references", [])}

    def register(self, subject: str, schema: dict) -> int:
        if subject in self.incompatible:
            raise Refused(409, 409, f'Schema being registered is incompatible with an earlier schema for subject "{subject}"')
        compiled("it.proto", schema, self.imports_of(schema))
        if schema not in self.schemas:
            self.schemas.append(schema)
        number = self.schemas.index(schema)
        versions = self.subjects.setdefault(subject, [])
        if number not in versions:
            versions.append(number)
        return number + self.FIRST_ID

    def imports_of(self, schema: dict) -> dict[str, str]:
        texts = {}
        for reference in schema["references"]:
            versions = self.subjects.get(reference["subject"], [])
            if not 0 < reference["version"] <= len(versions):
                raise Refused(422, 42201, f"No schema reference found for subject \"{reference['subject']}\" and version {reference['version']}")
            other = self.schemas[versions[reference["version"] - 1]]
            texts |= {reference["name"]: other["schema"]} | self.imports_of(other)
        return texts

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Reader:
    """What a consumer's deserializer does: an id's schema, with what it refers to, by the REST protocol alone."""

    def __init__(self, url: str, user: str, password: str):
        self.url, self.known = url, {}
        manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
        manager.add_password(None, url, user, password, is_authenticated=True)
        self.opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))

    def get(self, *path: str) -> dict:
        with contextlib.closing(self.opener.open("/".join([self.url, *(urllib.parse.quote(part, safe="") for part in path)]), timeout=10)) as answer:
            return json.load(answer)

    def imports_of(self, schema: dict) -> dict[str, str]:
        texts = {}
        for reference in schema.get("references", []):
            other = self.get("subjects", reference["subject"], "versions", str(reference["version"]))
            texts |= {reference["name"]: other["schema"]} | self.imports_of(other)
        return texts

    def class_of(self, number: int, index: int) -> type:
        """Of the message at that place in a schema's file."""
        if number not in self.known:
            schema, pool = self.get("schemas", "ids", str(number)), descriptor_pool.DescriptorPool()
            for file in compiled("it.proto", schema, self.imports_of(schema)).file:
                pool.Add(file)
            self.known[number] = message_factory.MessageFactory(pool), [pool.FindMessageTypeByName(f"{file.package}.{message.name}") for message in file.message_type]
        factory, messages = self.known[number]
        return factory.GetPrototype(messages[index])
