import "@/app/_components/theme/mantine-styles";
import "@/app/_components/theme/theme.css";
import "@/app/_components/theme/tokens.css";
import "@/app/_components/theme/global.css";
import "@/app/_components/theme/adaptations.css";
import { ColorSchemeScript } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { parseScheme, SCHEME_COOKIE } from "@/app/_components/preferences/preference-cookies";
import { Providers } from "@/app/_components/theme/providers";
import { NONCE_HEADER } from "@/lib/request/internal-headers";

export const metadata: Metadata = { applicationName: "Dingkeep", robots: { index: false } };

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#F6F7F9" },
    { media: "(prefers-color-scheme: dark)", color: "#121418" },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const locale = await getLocale();
  const t = await getTranslations("common");
  const nonce = (await headers()).get(NONCE_HEADER) ?? "";
  const scheme = parseScheme((await cookies()).get(SCHEME_COOKIE)?.value);
  return (
    <html
      lang={locale}
      data-mantine-color-scheme={scheme === "auto" ? "light" : scheme}
      suppressHydrationWarning
    >
      <head>
        <ColorSchemeScript nonce={nonce} defaultColorScheme={scheme} />
      </head>
      <body>
        <a className="skip-link" href="#main">
          {t("skip")}
        </a>
        <Providers nonce={nonce} scheme={scheme}>
          <ClientMessages>{children}</ClientMessages>
        </Providers>
        {/* Present from the first paint, because a live region must exist before its first message. */}
        <div id="status" role="status" aria-label={t("status")} className="visually-hidden" />
      </body>
    </html>
  );
}
