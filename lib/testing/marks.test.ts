import { describe, expect, test } from "vitest";
import { findMarks, makeMark } from "./marks";

const mark = makeMark();
const secret = `"<${mark}>\\ 密%&+`;

describe("findMarks", () => {
  test.each([
    ["unchanged", (text: string) => text],
    ["in JSON within JSON", (text: string) => JSON.stringify(JSON.stringify({ text }))],
    ["in an address", (text: string) => encodeURIComponent(text)],
    ["in a form", (text: string) => new URLSearchParams({ text }).toString()],
    ["in capitals", (text: string) => text.toUpperCase()],
    ["in base64", (text: string) => Buffer.from(text).toString("base64")],
    ["in base64 after one byte", (text: string) => Buffer.from(`:${text}`).toString("base64")],
    ["in base64 after two bytes", (text: string) => Buffer.from(`a:${text}`).toString("base64url")],
    ["in bytes as PostgreSQL shows them", (text: string) => `\\x${Buffer.from(text).toString("hex")}`],
  ])("finds a mark that is written %s", (_, spell) => {
    expect(findMarks(`before ${spell(secret)} after`, { mark })).toEqual(["mark"]);
  });
});

test("findMarks ignores partial marks and returns the name of each mark", () => {
  const other = makeMark();
  expect(findMarks(`${secret} ${mark.slice(0, -1)}`, { mark, other })).toEqual(["mark"]);
  expect(findMarks(mark.slice(1), { mark })).toEqual([]);
});
