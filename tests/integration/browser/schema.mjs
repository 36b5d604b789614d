// Whether an answer has the shape that api/openapi.yaml says. What the document does not name is a mistake, too.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../../api/openapi.yaml', import.meta.url));
const toJson = 'import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1], encoding="utf-8")), sys.stdout, default=str)';
const document = JSON.parse(execFileSync('python3', ['-c', toJson, path], { maxBuffer: 10_000_000 }));

function resolved(schema) {
  if (schema.$ref) return { ...resolved(schema.$ref.slice(2).split('/').reduce((at, key) => at[key], document)), ...(schema.nullable ? { nullable: true } : {}) };
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map(resolved);
  if (parts.length === 1) return parts[0]; // the same with a description of its own
  return {
    type: 'object',
    nullable: parts.some((part) => part.nullable),
    required: parts.flatMap((part) => part.required ?? []),
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
  };
}

const types = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

// What is wrong, each with where it is.
function problems(given, value, at) {
  const schema = resolved(given);
  if (value === null) return schema.nullable ? [] : [`${at} is null`];
  if (schema.type && !types[schema.type](value)) return [`${at} is no ${schema.type}: ${JSON.stringify(value).slice(0, 80)}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is ${value}, not one of ${schema.enum}`];
  if (schema.type === 'array') return value.flatMap((each, i) => problems(schema.items ?? {}, each, `${at}[${i}]`));
  if (schema.type !== 'object' || !schema.properties) return [];
  return [
    ...(schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, each]) =>
      schema.properties[name] ? problems(schema.properties[name], each, `${at}.${name}`) : [`${at}.${name} is not in openapi.yaml`],
    ),
  ];
}

export function problemsOf(endpoint, answer) {
  const { schema } = document.paths[`/v1/${endpoint}`].get.responses['200'].content['application/json'];
  return problems(schema, answer, endpoint).slice(0, 10);
}
