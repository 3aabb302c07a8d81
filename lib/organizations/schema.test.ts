import { describe, expect, test } from "vitest";
import { setTimeZoneInput } from "./schema";

const parse = (timeZone: unknown) => setTimeZoneInput.safeParse({ timeZone });

describe("the zone that a form sends", () => {
  test("is stored by this server's own name for it", () => {
    expect(parse("europe/berlin").data).toEqual({ timeZone: "Europe/Berlin" });
    expect(parse("Asia/Kolkata").data).toEqual(parse("Asia/Calcutta").data);
  });

  test.each([
    [undefined, "required"],
    ["", "required"],
    ["Mars/Olympus", "invalid"],
    ["+08:00", "invalid"],
    [`Asia/Shanghai${"x".repeat(1_000)}`, "invalid"],
  ])("%j is refused: %s", (timeZone, message) => {
    expect(parse(timeZone).error?.issues).toMatchObject([{ path: ["timeZone"], message }]);
  });
});
