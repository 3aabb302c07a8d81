"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

type Shown = { readonly title: string; readonly show: (title: string) => void };

const PageTitleContext = createContext<Shown>({ title: "", show: () => {} });

/** Makes the page's heading known to the header, which renders before the page. */
export function PageTitleProvider({ children }: { readonly children: ReactNode }) {
  const [title, show] = useState("");
  const shown = useMemo(() => ({ title, show }), [title]);
  return <PageTitleContext value={shown}>{children}</PageTitleContext>;
}

/** Returns the heading of the current page; empty until hydration. */
export const usePageTitle = (): string => useContext(PageTitleContext).title;

/** Reports the page's heading to the header. */
export function SetPageTitle({ title }: { readonly title: string }) {
  const { show } = useContext(PageTitleContext);
  useEffect(() => {
    show(title);
    return () => show("");
  }, [show, title]);
  return null;
}
