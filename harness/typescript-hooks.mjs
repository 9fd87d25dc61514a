/** The hooks that typescript.mjs registers; they run in a thread of Node's own. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'rolldown/utils';

/** As Node does it: types are removed, and what is imported without `type` stays imported. */
const OPTIONS = { sourcemap: true, tsconfig: false, typescript: { onlyRemoveTypeImports: true } };

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return next(url, context);
  const file = fileURLToPath(url);
  const { code, map, errors } = transformSync(file, readFileSync(file, 'utf8'), OPTIONS);
  if (errors.length > 0) throw new SyntaxError(errors[0].message);
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  const source = `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}`;
  return { format: 'module', shortCircuit: true, source };
}
