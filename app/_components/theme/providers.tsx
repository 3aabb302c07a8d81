"use client";

import { type MantineColorScheme, MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { type ReactNode, useState } from "react";
import { RouteFocus } from "../navigation/route-focus";
import { cookieSchemeManager } from "../preferences/preference-cookies";
import { theme } from "./theme";

type Props = { readonly nonce: string; readonly scheme: MantineColorScheme; readonly children: ReactNode };

/** Mantine with our theme; every style element that it or its scroll lock makes carries the nonce (S34). */
export function Providers({ nonce, scheme, children }: Props) {
  const [manager] = useState(() => cookieSchemeManager(scheme));
  // The document's own, which its policy names: a refreshed layout comes with that of another answer.
  const [own] = useState(nonce);
  // Browsers hide the nonce from scripts, so what the server said is handed on.
  if (typeof window !== "undefined") setNonce(own);
  return (
    <MantineProvider
      theme={theme}
      // They are in theme.css. In the HTML they would add 12 kB to every page.
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
