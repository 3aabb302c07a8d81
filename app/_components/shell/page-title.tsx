"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

type Shown = { readonly title: string; readonly show: (title: string) => void };

const PageTitleContext = createContext<Shown>({ title: "", show: () => {} });

/** Lets a page's heading be known to the header above it, which is rendered before it. */
export function PageTitleProvider({ children }: { readonly children: ReactNode }) {
  const [title, show] = useState("");
  const shown = useMemo(() => ({ title, show }), [title]);
  return <PageTitleContext value={shown}>{children}</PageTitleContext>;
}

/** The heading of the page that is shown; empty until its script has run. */
export const usePageTitle = (): string => useContext(PageTitleContext).title;

/** Says the page's heading to the header. */
export function SetPageTitle({ title }: { readonly title: string }) {
  const { show } = useContext(PageTitleContext);
  useEffect(() => {
    show(title);
    return () => show("");
  }, [show, title]);
  return null;
}
