import { expect, test } from "vitest";
import { z } from "zod";
import { readQuery } from "./read-request";

const schema = z.strictObject({ limit: z.coerce.number().optional() });
const read = (query: string) => readQuery(schema, `http://localhost/x${query}`);

test("a name that no schema has is refused, also one that objects have by themselves", () => {
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
