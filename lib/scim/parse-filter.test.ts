import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFilter } from "./parse-filter";
import { project, toProjection } from "./requested-attributes";
import { fromScimId, toScimId } from "./scim-ids";
import { ScimRefusal } from "./scim-refusal";
import { URN } from "./urns";

describe("a filter", () => {
  test.each([
    ['userName eq "li"', [{ attribute: "username", operator: "eq", value: "li" }]],
    ['  USERNAME   EQ "a \\"b\\" and c" ', [{ attribute: "username", operator: "eq", value: 'a "b" and c' }]],
    [
      'title co "(.*" AND active eq true',
      [
        { attribute: "title", operator: "co", value: "(.*" },
        { attribute: "active", operator: "eq", value: true },
      ],
    ],
    [`${URN.user}:userName eq "x"`, [{ attribute: "username", operator: "eq", value: "x" }]],
    [
      `${URN.enterprise}:department co "研发"`,
      [{ attribute: "enterprise.department", operator: "co", value: "研发" }],
    ],
    ['title eq "\\u0031"', [{ attribute: "title", operator: "eq", value: "1" }]],
  ])("parses the filter %s", (text, clauses) => {
    expect(parseFilter(text)).toEqual(clauses);
  });

  test.each([
    "",
    "title",
    "title eq",
    "title eq x",
    "title eq 1",
    "title eq null",
    'title eq "x',
    'title eq "x"y',
    'title eq "\\x"',
    'title eq "\\u0000"',
    'title sw "x"',
    "title pr",
    'title eq "x" or title eq "y"',
    'title eq "x" and',
    'not (title eq "x")',
    '(title eq "x")',
    'emails[type eq "work"]',
    `title eq "${"x".repeat(1_000)}"`,
    Array.from({ length: 11 }, () => 'title eq "x"').join(" and "),
  ])("refuses the filter %s", (text) => {
    expect(() => parseFilter(text)).toThrow(ScimRefusal);
  });

  test("S26 parses or refuses any text", () => {
    const part = fc.constantFrom(
      "title",
      "eq",
      "co",
      "and",
      '"',
      "\\",
      " ",
      "(",
      ")",
      "x",
      "\0",
      "true",
      "字",
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join("")),
        (text) => {
          try {
            expect(parseFilter(text).length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(ScimRefusal);
          }
        },
      ),
    );
  });
});

test("an id resolves only in its own app and as its own kind", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: "binary" }).filter((text) => !text.includes("\0")),
      (userId) => {
        const id = toScimId("user", "app-1", userId);
        expect(fromScimId("user", "app-1", id)).toBe(userId);
        for (const [kind, app] of [
          ["group", "app-1"],
          ["user", "app-2"],
        ] as const) {
          expect(fromScimId(kind, app, id)).toBeNull();
          expect(toScimId(kind, app, userId)).not.toBe(id);
        }
        expect(fromScimId("user", "app-1", `${id}=`)).toBeNull();
      },
    ),
  );
  for (const id of ["", "x", "li", "____________"]) expect(fromScimId("user", "app-1", id)).toBeNull();
});

test("projects the requested attributes, and always the id", () => {
  const user = {
    schemas: [URN.user],
    id: "1",
    userName: "li",
    name: { formatted: "李一", givenName: "一" },
    emails: [{ value: "a@b", type: "work" }],
    [URN.enterprise]: { department: "研发", employeeNumber: "7" },
  };
  const only = (text: string) => project(user, toProjection(text, null));
  const without = (text: string) => project(user, toProjection(null, text));
  const always = { schemas: [URN.user], id: "1" };
  expect(project(user, toProjection(null, null))).toEqual(user);
  expect(only("USERNAME")).toEqual({ ...always, userName: "li" });
  expect(only("name.givenName, emails.value")).toEqual({
    ...always,
    name: { givenName: "一" },
    emails: [{ value: "a@b" }],
  });
  expect(only(`${URN.enterprise}:department`)).toEqual({
    ...always,
    [URN.enterprise]: { department: "研发" },
  });
  expect(without("id,name,emails.type,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")).toEqual({
    ...always,
    userName: "li",
    emails: [{ value: "a@b" }],
  });
});
