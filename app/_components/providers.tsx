"use client";

import { type MantineColorScheme, MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import type { ReactNode } from "react";
import { useState } from "react";
import { cookieSchemeManager } from "./color-scheme";
import { cssVariablesResolver, theme } from "./theme";

type Props = { readonly nonce: string; readonly scheme: MantineColorScheme; readonly children: ReactNode };

/** Mantine with our theme; every style element that it or its scroll lock makes carries the nonce (S34). */
export function Providers({ nonce, scheme, children }: Props) {
  const [manager] = useState(() => cookieSchemeManager(scheme));
  // Browsers hide the nonce from scripts, so what the server said is handed on.
  if (typeof window !== "undefined") setNonce(nonce);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={manager}
      defaultColorScheme={scheme}
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  );
}
