import { expect, test } from "vitest";
import { z } from "zod";
import { readBody, readBodyText, readQuery } from "./read-request";

const schema = z.strictObject({ limit: z.coerce.number().optional() });
const read = (query: string) => readQuery(schema, `http://localhost/x${query}`);

test("refuses unknown parameters, including names of object properties", () => {
  expect({ ...read("?limit=5") }).toEqual({ limit: 5 });
  expect({ ...read("") }).toEqual({});
  for (const name of ["other", "__proto__", "constructor", "toString"]) {
    expect(() => read(`?${name}=1`), name).toThrow(expect.objectContaining({ code: "invalid_input" }));
  }
  expect(() => read("?limit=1&limit=2")).toThrow(
    expect.objectContaining({ fields: [{ path: "query.limit", message: "is given twice" }] }),
  );
  expect(() => read("?toString=1")).toThrow(
    expect.objectContaining({ fields: [expect.not.objectContaining({ message: "is given twice" })] }),
  );
});

test.each(["?limit=%00", "?%00=1", "?limit=%ed%a0%80", "?limit=%ff"])(
  "refuses a query that decodes to text PostgreSQL can't store: %s",
  (query) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        fields: [{ path: "query", message: "contains NUL or invalid Unicode" }],
      }),
    );
  },
);

test.each([String.raw`{"a":"\u0000"}`, String.raw`{"\u0000":1}`, String.raw`{"a":["\ud800"]}`])(
  "refuses a JSON body with text that PostgreSQL can't store at any depth: %s",
  (body) => {
    expect(() => readBody(z.unknown(), body)).toThrow(
      expect.objectContaining({ fields: [{ path: "body", message: "contains NUL or invalid Unicode" }] }),
    );
  },
);

test("refuses a body that isn't UTF-8 instead of repairing it", async () => {
  const send = (body: BodyInit) =>
    readBodyText(
      new Request("http://x", { method: "POST", headers: { "content-type": "application/json" }, body }),
    );
  await expect(send(Buffer.from('{"a":"\xed\xa0\x80"}', "latin1"))).rejects.toMatchObject({
    code: "malformed",
  });
  expect(await send('{"a":"👩"}')).toBe('{"a":"👩"}');
});
