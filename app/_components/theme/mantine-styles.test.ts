import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const MANTINE = "node_modules/@mantine/core";
const SHEETS = join(MANTINE, "styles");
/** Sheets that belong to no single component. */
const OF_ALL = ["baseline.css", "default-css-variables.css", "global.css"];

const sources = readdirSync("app", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".tsx"))
  .map((file) => readFileSync(join("app", file), "utf8"));

function* namesUsed(): Generator<string> {
  for (const source of sources) {
    for (const [, names = ""] of source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)) {
      for (const name of names.split(",")) if (name.trim()) yield name.trim();
    }
  }
}

/** Maps each export of Mantine's index to its module. */
function modulesByName(): Map<string, string> {
  const index = readFileSync(join(MANTINE, "esm/index.mjs"), "utf8");
  const found = [...index.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)];
  return new Map(
    found.flatMap(([, names = "", file = ""]) =>
      names.split(",").map((name) => [name.trim(), join(MANTINE, "esm", file)] as const),
    ),
  );
}

/** Maps each hashed class, such as `m_77c9d27d`, to its sheet. */
function sheetsByClass(): Map<string, string> {
  const sheets = readdirSync(SHEETS).filter((file) => !file.endsWith(".layer.css"));
  return new Map(
    sheets.flatMap((sheet) =>
      [...readFileSync(join(SHEETS, sheet), "utf8").matchAll(/\.(m_[0-9a-z]+)/g)].map(
        ([, name = ""]) => [name, sheet] as const,
      ),
    ),
  );
}

/** Returns the classes of a module and its imports. */
function classesOf(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const source = readFileSync(file, "utf8");
  const own = file.endsWith(".module.mjs")
    ? [...source.matchAll(/"(m_[0-9a-z]+)"/g)].map(([, name = ""]) => name)
    : [];
  const imported = [...source.matchAll(/from "(\.[^"]+)"/g)].map(([, path = ""]) =>
    join(dirname(file), path),
  );
  return [...own, ...imported.flatMap((path) => classesOf(path, seen))];
}

function loadedSheets(): string[] {
  const imports = readFileSync("app/_components/theme/mantine-styles.ts", "utf8");
  return [...imports.matchAll(/styles\/([^"]+\.css)"/g)].map(([, sheet = ""]) => sheet);
}

test("loads the style sheet of each Mantine component in use, and no other", () => {
  const modules = modulesByName();
  const sheets = sheetsByClass();
  const seen = new Set<string>();
  const needed = [...namesUsed()]
    .flatMap((name) => modules.get(name) ?? [])
    .flatMap((file) => classesOf(file, seen))
    .flatMap((name) => sheets.get(name) ?? []);
  expect(needed.length, "Mantine's files have moved: fix how this test reads them").toBeGreaterThan(20);

  expect(loadedSheets().toSorted()).toEqual([...new Set([...OF_ALL, ...needed])].toSorted());
});

test("loads the sheets in Mantine's order", () => {
  const whole = readFileSync(join(MANTINE, "styles.css"), "utf8");
  const place = (sheet: string) => {
    const [first = ""] = readFileSync(join(SHEETS, sheet), "utf8").match(/\.m_[0-9a-z]+/) ?? [];
    return whole.indexOf(first);
  };
  const ofComponents = loadedSheets().filter((sheet) => !OF_ALL.includes(sheet));
  expect(ofComponents).toEqual(ofComponents.toSorted((a, b) => place(a) - place(b)));
});
