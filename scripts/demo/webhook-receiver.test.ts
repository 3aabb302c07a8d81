import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { startWebhookReceiver } from "./webhook-receiver";

const PRESENT = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const PREVIOUS = `whsec_${Buffer.alloc(24, 2).toString("base64")}`;
const FOREIGN = `whsec_${Buffer.alloc(24, 3).toString("base64")}`;

test("accepts webhooks with a valid signature only, and lists them newest first", async () => {
  const secrets = async () => [new Redacted(PRESENT), new Redacted(PREVIOUS)];
  const receiver = await startWebhookReceiver({ host: "127.0.0.1", port: 0, secrets });
  onTestFinished(() => receiver.close());
  const send = async (body: string, secret: string) => {
    const at = new Date();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
    };
    return (await fetch(`${receiver.url}/any`, { method: "POST", headers, body })).status;
  };
  expect(await send('{"type":"department.renamed"}', PRESENT)).toBe(204);
  expect(await send('{"type":"signed before a rotation"}', PREVIOUS)).toBe(204);
  expect(await send('{"type":"forged"}', FOREIGN)).toBe(401);

  const listed = (await (await fetch(`${receiver.url}/webhooks.json`)).json()) as object[];
  expect(listed).toMatchObject([
    { isVerified: false, body: '{"type":"forged"}' },
    { isVerified: true, body: '{"type":"signed before a rotation"}' },
    { isVerified: true, body: '{"type":"department.renamed"}' },
  ]);
  const page = await fetch(receiver.url);
  expect(await page.text()).toContain("Webhooks of the demo");
});
