import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { hideTokenIn } from "./hide-token";

const TOKEN = "0123456789abcdef";

async function hidden(pieces: readonly string[]): Promise<string> {
  const body = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  let text = "";
  for await (const piece of hideTokenIn(body, new Redacted(TOKEN))) text += String(piece);
  return text;
}

test("S29 hides a token wherever a stream splits it, and changes nothing else", async () => {
  const whole = `before ${TOKEN} after ${TOKEN.slice(0, 9)}`;
  const expected = `before ${"x".repeat(TOKEN.length)} after ${TOKEN.slice(0, 9)}`;
  for (let at = 0; at <= whole.length; at += 1)
    expect(await hidden([whole.slice(0, at), whole.slice(at)])).toBe(expected);
  expect(await hidden(whole.split(""))).toBe(expected);
});
