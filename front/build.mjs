// Compile the style sheet and copy GOV.UK Frontend's script into an ignored folder, which Django's static files serve.
// The script and the style sheet lose their source-map lines: the maps are not shipped, and hashed static names refuse
// a reference to a file that is not there.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import { compile } from "sass";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "centre", "static", "vendor");
const modules = join(root, "node_modules");
const script = join(modules, "govuk-frontend", "dist", "govuk", "govuk-frontend.min.js");

const withoutSourceMap = (text) => text.replace(/(\/\/|\/\*)# sourceMappingURL=\S+( \*\/)?\n?/g, "");

const { css } = compile(join(root, "front", "main.scss"), {
  loadPaths: [modules],
  style: "compressed",
  quietDeps: true,
});
const js = await readFile(script, "utf8");

await mkdir(target, { recursive: true });
await writeFile(join(target, "main.css"), withoutSourceMap(css));
await writeFile(join(target, "govuk-frontend.min.js"), withoutSourceMap(js));
console.log(`front end built: ${target}`);
