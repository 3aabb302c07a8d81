import fc from "fast-check";
import { expect, test } from "vitest";
import { BYTE_ORDER_MARK, csvLine } from "./csv";

/** Parses CSV (RFC 4180) into the cells that a spreadsheet would show. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        if (text[at] === '"') at += 1;
        value += text[at];
      }
      at += 1;
    } else {
      for (; at < text.length && text[at] !== "," && text[at] !== "\r"; at += 1) value += text[at];
    }
    cells.push(value);
    if (text[at] === ",") {
      at += 1;
      continue;
    }
    lines.push(cells);
    cells = [];
    at += 2;
  }
  return lines;
}

const HOSTILE = [
  '=HYPERLINK("https://evil.example","工资")',
  "+1+1",
  "-2",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "\n=1",
  "＝1+1",
  "＋1",
  "－1",
  "＠x",
  "'=1",
  'a"b,c',
  "一行\r\n=两行",
  "\u202Efdp.exe",
  "👨‍👩‍👧",
  "",
  " =1",
];

test("S32 every hostile name stays in its own cell, unchanged except for an apostrophe before a formula", () => {
  const [cells = []] = readCsv(csvLine(HOSTILE));
  expect(cells).toHaveLength(HOSTILE.length);
  for (const [index, name] of HOSTILE.entries()) {
    const isGuarded = index < 11;
    expect(cells[index]).toBe(isGuarded ? `'${name}` : name);
    expect(cells[index]).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
  }
});

test("writes a missing value as an empty cell, and has a byte order mark for Excel", () => {
  expect(csvLine(["a", null, "b"])).toBe("a,,b\r\n");
  expect([...Buffer.from(BYTE_ORDER_MARK)]).toEqual([0xef, 0xbb, 0xbf]);
});

test("parses back to the same lines and cells for any content", () => {
  const text = fc.string({
    unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', "'", ",", " ", "＝", "a", "字"),
  });
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (lines) => {
      const read = readCsv(lines.map(csvLine).join(""));
      expect(read.map((cells) => cells.map((one) => one.replace(/^'(?=[=+\-@\t\r\n＝])/, "")))).toEqual(
        lines.map((cells) => cells.map((one) => one.replace(/^'(?=[=+\-@\t\r\n＝])/, ""))),
      );
    }),
  );
});
