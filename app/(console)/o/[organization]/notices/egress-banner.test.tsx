import { MantineProvider } from "@mantine/core";
import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import en from "@/messages/en.json";
import { EgressBanner } from "./egress-banner";

test("shows the end of an address ban and no button to dismiss it", () => {
  const ban = { beganAt: new Date("2026-11-27T09:00:00Z"), endsAt: new Date("2026-11-27T09:05:00Z") };
  const markup = renderToStaticMarkup(
    <NextIntlClientProvider locale="en" messages={en} timeZone="Asia/Shanghai">
      <MantineProvider>
        <EgressBanner ban={ban} />
      </MantineProvider>
    </NextIntlClientProvider>,
  );
  expect(markup).toContain("DingTalk is temporarily blocking this server&#x27;s IP address");
  expect(markup).toContain('dateTime="2026-11-27T09:05:00.000Z"');
  expect(markup).toContain("17:05");
  expect(markup).not.toContain("<button");
});
