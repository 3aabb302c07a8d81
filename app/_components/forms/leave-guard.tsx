"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { discardUnsaved, hasUnsaved } from "./unsaved-changes";

type Go = () => void;

const isSamePage = (href: string): boolean => {
  const to = new URL(href, location.href);
  return to.pathname === location.pathname && to.search === location.search;
};

/** The link of our own that a click would follow in this tab; other sites are the browser's own question. */
function followedLink(event: MouseEvent): HTMLAnchorElement | null {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
  if (!isPlain || !link || link.origin !== location.origin || isSamePage(link.href)) return null;
  return link.target === "_blank" || link.hasAttribute("download") ? null : link;
}

/**
 * Stops what would leave the page while a form holds unsaved changes. Next's router is let alone: a click is
 * stopped before React hears of it and made again afterwards; Back and Forward are stopped where the browser
 * has the Navigation API; closing the tab is asked about by the browser itself.
 */
function useStops(ask: (go: Go) => Promise<void>): void {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = followedLink(event);
      if (!link || !hasUnsaved()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(() => (link.isConnected ? link.click() : location.assign(link.href)));
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (hasUnsaved()) event.preventDefault();
    };
    const onNavigate = (event: NavigateEvent) => {
      const isBack = event.navigationType === "traverse" && event.cancelable && !event.hashChange;
      if (!isBack || isSamePage(event.destination.url) || !hasUnsaved()) return;
      event.preventDefault();
      const { key } = event.destination;
      void ask(() => navigation.traverseTo(key));
    };
    const traversals = "navigation" in window ? navigation : null;
    // On the window, which hears of a click before the document that React listens on.
    window.addEventListener("click", onClick, true);
    window.addEventListener("beforeunload", onUnload);
    traversals?.addEventListener("navigate", onNavigate);
    return () => {
      window.removeEventListener("click", onClick, true);
      window.removeEventListener("beforeunload", onUnload);
      traversals?.removeEventListener("navigate", onNavigate);
    };
  }, [ask]);
}

const loadDialog = () => import("./leave-dialog").then(({ LeaveDialog: Dialog }) => Dialog);
const LeaveDialog = dynamic(loadDialog, { ssr: false });

/** The dialog is loaded when somebody begins to type: only then can it be needed. */
function useDialog() {
  const [isLoaded, setIsLoaded] = useState(false);
  const load = useEffectEvent(() => loadDialog().then(() => setIsLoaded(true)));
  useEffect(() => {
    const onInput = () => void load().catch(() => undefined);
    window.addEventListener("input", onInput, { once: true });
    return () => window.removeEventListener("input", onInput);
  }, []);
  return { isLoaded, load };
}

/** Asks before unsaved changes are left; one for all forms of the console. */
export function LeaveGuard() {
  const t = useTranslations("common");
  const { isLoaded, load } = useDialog();
  const [going, setGoing] = useState<{ readonly go: Go } | null>(null);
  const leave = (go: Go) => {
    discardUnsaved();
    setGoing(null);
    go();
  };
  const ask = useEffectEvent(async (go: Go) => {
    try {
      await load();
      setGoing({ go });
    } catch {
      // The browser's own question serves where ours can't be loaded.
      if (window.confirm(t("leaveUnsaved"))) leave(go);
    }
  });
  useStops(ask);
  if (!isLoaded) return null;
  return (
    <LeaveDialog
      isOpen={going !== null}
      onStay={() => setGoing(null)}
      onLeave={() => going && leave(going.go)}
    />
  );
}
