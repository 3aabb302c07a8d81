import { describe, expect, test } from "vitest";
import { jsapiOrigins } from "./schema";

describe("jsapiOrigins", () => {
  test.each([
    ["", []],
    ["https://oa.example.com", ["https://oa.example.com"]],
    [
      " https://OA.example.com/ \n\nhttps://oa.example.com:443\r\nhttps://a.cn:8443",
      ["https://oa.example.com", "https://a.cn:8443"],
    ],
  ])("parses the origins %j as %j", (typed, origins) => {
    expect(jsapiOrigins.parse(typed)).toEqual(origins);
  });

  test.each([
    "http://oa.example.com",
    "https://oa.example.com/path",
    "https://oa.example.com/?a",
    "https://user@oa.example.com",
    "oa.example.com",
    "https://",
  ])("rejects the origin %s", (typed) => {
    expect(jsapiOrigins.safeParse(typed).error?.issues[0]?.message).toBe("origin");
  });

  test("accepts at most twenty origins", () => {
    const typed = Array.from({ length: 21 }, (_, index) => `https://a${index}.example`).join("\n");
    expect(jsapiOrigins.safeParse(typed).error?.issues[0]?.message).toBe("originsMany");
  });
});
