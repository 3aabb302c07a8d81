"use client";

import { type MantineColorScheme, MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { type ReactNode, useState } from "react";
import { RouteFocus } from "../navigation/route-focus";
import { cookieSchemeManager } from "../preferences/preference-cookies";
import { theme } from "./theme";

type Props = { readonly nonce: string; readonly scheme: MantineColorScheme; readonly children: ReactNode };

/**
 * Mantine with this app's theme. Every style element that Mantine or its scroll lock creates carries the nonce (S34).
 */
export function Providers({ nonce, scheme, children }: Props) {
  const [manager] = useState(() => cookieSchemeManager(scheme));
  // The document's own nonce, which its policy names. A refreshed layout brings the nonce of another response.
  const [own] = useState(nonce);
  // Browsers hide the nonce attribute from scripts.
  if (typeof window !== "undefined") setNonce(own);
  return (
    <MantineProvider
      theme={theme}
      // They are in theme.css. Inline they would add 12 kB to every page.
      withCssVariables={false}
      withGlobalClasses={false}
      colorSchemeManager={manager}
      defaultColorScheme={scheme}
      getStyleNonce={() => own}
    >
      {children}
      <RouteFocus />
    </MantineProvider>
  );
}
