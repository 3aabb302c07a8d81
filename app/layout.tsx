import "./_components/mantine-styles";
import "./_components/theme.css";
import "./_components/tokens.css";
import "./_components/global.css";
import "./_components/adaptations.css";
import { ColorSchemeScript } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { NONCE_HEADER } from "@/lib/http/headers";
import { ClientMessages } from "./_components/client-messages";
import { parseScheme, SCHEME_COOKIE } from "./_components/color-scheme";
import { Providers } from "./_components/providers";

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
        {/* Present from the first paint, or what is said first is not heard. */}
        <div id="status" role="status" aria-label={t("status")} className="visually-hidden" />
      </body>
    </html>
  );
}
