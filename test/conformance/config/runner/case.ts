// Reads the cases: one YAML file each, checked against one schema, so that a misspelt field is no silent pass.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const value = z.union([z.string(), z.number(), z.boolean()]);
const record = z.record(z.string(), z.unknown());
const lines = z.array(z.string());

/** An orb whose imports were settled when it was published. */
const storedOrb = z.strictObject({ source: z.string(), dependencies: z.record(z.string(), z.string()) });

const schema = z
  .strictObject({
    items: z.array(z.string().regex(/^C-\d{3}$/)).min(1),
    title: z.string().min(1),
    config: z.string(),
    parameters: z.record(z.string(), value).default({}),
    values: z.record(z.string(), value.nullable()).default({}),
    orbs: z.record(z.string(), z.union([z.string(), storedOrb])).default({}),
    limits: z.record(z.string(), z.number()).default({}),
    note: z.string().optional(),
    compiled: z.string().optional(),
    document: record.optional(),
    jobs: record.optional(),
    workflows: record.optional(),
    plan: record.optional(),
    errors: lines.min(1).optional(),
    warnings: lines.optional(),
    explain: z.array(record).min(1).optional(),
  })
  .refine((read) => expectations(read) === 1, {
    message: 'one of compiled, document, jobs/workflows, plan, errors must be given, and only one',
  });

export type Case = z.infer<typeof schema> & {
  /** Relative to the folder of the cases. */
  path: string;
};

function expectations(read: object): number {
  const given = Object.keys(read).filter((key) => (read as Record<string, unknown>)[key] !== undefined);
  const kinds = given.map((key) => (key === 'jobs' || key === 'workflows' ? 'part' : key));
  return new Set(kinds.filter((key) => ['compiled', 'document', 'part', 'plan', 'errors'].includes(key)))
    .size;
}

export const CASES = join('test', 'conformance', 'config');

/** Throws an Error that names the file when one is no case. `part` selects by a part of the path. */
export function readCases(part = ''): Case[] {
  return readdirSync(CASES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yml') && entry.parentPath !== CASES)
    .map((entry) => relative(CASES, join(entry.parentPath, entry.name)))
    .filter((path) => path.includes(part))
    .sort()
    .map(readCase);
}

function readCase(path: string): Case {
  const read = schema.safeParse(parse(readFileSync(join(CASES, path), 'utf8')));
  if (!read.success) throw new Error(`${path} is no case: ${z.prettifyError(read.error)}`);
  const [item] = read.data.items;
  if (!basename(path).startsWith(`${item}-`)) throw new Error(`${path} must be named after its item ${item}`);
  return { ...read.data, path };
}
