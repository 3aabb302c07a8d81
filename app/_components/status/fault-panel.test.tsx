import { MantineProvider } from "@mantine/core";
import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { DingtalkError, type DingtalkErrorInit } from "@/lib/dingtalk/errors";
import { toFault } from "@/lib/dingtalk-apps/schema";
import en from "@/messages/en.json";
import { FaultPanel } from "./fault-panel";

function markupOf({ kind, upstream }: Pick<DingtalkErrorInit, "kind"> & { readonly upstream: object }) {
  const api = "topapi/v2/department/listsub";
  const error = new DingtalkError({ kind, api, upstream: { host: "oapi.dingtalk.com", ...upstream } });
  const fault = toFault(error.describe());
  return renderToStaticMarkup(
    <NextIntlClientProvider locale="en" messages={en} timeZone="Asia/Shanghai">
      <MantineProvider>{fault && <FaultPanel fault={fault} />}</MantineProvider>
    </NextIntlClientProvider>,
  );
}

test("shows a foreign answer as text, outside the collapsed details", () => {
  const upstream = { status: 200, contentType: "text/html", bodyStart: "<h1 onclick=x>Sign in</h1>" };
  const [shown = ""] = markupOf({ kind: "not_dingtalk", upstream }).split("<details");
  expect(shown).toContain("<bdi><code>200</code></bdi>");
  expect(shown).toContain("<bdi><code>text/html</code></bdi>");
  expect(shown).toContain("<bdi><code>&lt;h1 onclick=x&gt;Sign in&lt;/h1&gt;</code></bdi>");
});

test("shows a copy button for each missing permission's code", () => {
  const upstream = { requiredScopes: ["qyapi_get_member", "fieldMobile"] };
  const markup = markupOf({ kind: "missing_permission", upstream });
  expect([...markup.matchAll(/aria-label="Copy permission code (\w+)"/g)].map(([, code]) => code)).toEqual(
    upstream.requiredScopes,
  );
});

test("opens the details of unknown DingTalk codes by default", () => {
  expect(markupOf({ kind: "unknown_code", upstream: {} })).toContain("<details open");
  expect(markupOf({ kind: "quota_used_up", upstream: {} })).not.toContain("<details open");
});
