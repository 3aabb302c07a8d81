import { expect, test } from "vitest";
import english from "@/messages/en.json";
import chinese from "@/messages/zh-CN.json";
import { SYNC_REASON_KINDS } from "./run-reasons";

test("every reason has a title and a body in both languages", () => {
  for (const { sync } of [english, chinese]) {
    const told = Object.entries(sync.reason).filter(([, { title, body }]) => title !== "" && body !== "");
    expect(told.map(([kind]) => kind).sort()).toEqual([...SYNC_REASON_KINDS].sort());
  }
});
