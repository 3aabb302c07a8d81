import { expect, test } from "vitest";
import { toTypedNumber } from "./typed-number";

test("parses a typed number with separators or full-width digits and rejects other text", () => {
  for (const typed of ["1392", " 1,392 ", "１３９２", "1，392", "1 392"])
    expect(toTypedNumber(typed), typed).toBe(1392);
  for (const typed of ["", "-1", "1.5", "1e3", "0x10", "一百", "12345678901"])
    expect(toTypedNumber(typed), typed).toBeNull();
});
