import { describe, expect, test } from "vitest";
import { setTimeZoneInput } from "./schema";

const parse = (timeZone: unknown) => setTimeZoneInput.safeParse({ timeZone });

describe("setTimeZoneInput", () => {
  test("converts the zone to this server's name for it", () => {
    expect(parse("europe/berlin").data).toEqual({ timeZone: "Europe/Berlin" });
    expect(parse("Asia/Kolkata").data).toEqual(parse("Asia/Calcutta").data);
  });

  test.each([
    [undefined, "required"],
    ["", "required"],
    ["Mars/Olympus", "invalid"],
    ["+08:00", "invalid"],
    [`Asia/Shanghai${"x".repeat(1_000)}`, "invalid"],
  ])("rejects the zone %j with %s", (timeZone, message) => {
    expect(parse(timeZone).error?.issues).toMatchObject([{ path: ["timeZone"], message }]);
  });
});
