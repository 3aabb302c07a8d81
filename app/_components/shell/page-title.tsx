"use client";

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

type PageTitle = { readonly title: string; readonly setTitle: (title: string) => void };

const PageTitleContext = createContext<PageTitle>({ title: "", setTitle: () => {} });

/** Makes the page's heading known to the header, which renders before the page. */
export function PageTitleProvider({ children }: { readonly children: ReactNode }) {
  const [title, setTitle] = useState("");
  const value = useMemo(() => ({ title, setTitle }), [title]);
  return <PageTitleContext value={value}>{children}</PageTitleContext>;
}

/** Returns the heading of the current page; empty until hydration. */
export const usePageTitle = (): string => useContext(PageTitleContext).title;

/** Reports the page's heading to the header. */
export function SetPageTitle({ title }: { readonly title: string }) {
  const { setTitle } = useContext(PageTitleContext);
  useEffect(() => {
    setTitle(title);
    return () => setTitle("");
  }, [setTitle, title]);
  return null;
}
