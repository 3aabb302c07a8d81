"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import { discardUnsaved, hasUnsaved } from "./unsaved-changes";

type Navigate = () => void;

const isSamePage = (href: string): boolean => {
  const to = new URL(href, location.href);
  return to.pathname === location.pathname && to.search === location.search;
};

/** Returns the same-origin link that a click would follow in this tab. For other links the browser asks itself. */
function followedLink(event: MouseEvent): HTMLAnchorElement | null {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
  if (!isPlain || !link || link.origin !== location.origin || isSamePage(link.href)) return null;
  return link.target === "_blank" || link.hasAttribute("download") ? null : link;
}

/**
 * Intercepts navigation while a form has unsaved changes. Clicks on links are stopped before React sees them and
 * repeated after the confirmation. Back and Forward are stopped where the browser has the Navigation API. The browser
 * itself asks before the tab closes.
 */
function useInterceptors(confirmLeave: (navigate: Navigate) => Promise<void>): void {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = followedLink(event);
      if (!link || !hasUnsaved()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void confirmLeave(() => (link.isConnected ? link.click() : location.assign(link.href)));
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (hasUnsaved()) event.preventDefault();
    };
    const onNavigate = (event: NavigateEvent) => {
      const isBack = event.navigationType === "traverse" && event.cancelable && !event.hashChange;
      if (!isBack || isSamePage(event.destination.url) || !hasUnsaved()) return;
      event.preventDefault();
      const { key } = event.destination;
      void confirmLeave(() => navigation.traverseTo(key));
    };
    const traversals = "navigation" in window ? navigation : null;
    // On the window, whose capture listeners run before React's on the document.
    window.addEventListener("click", onClick, true);
    window.addEventListener("beforeunload", onUnload);
    traversals?.addEventListener("navigate", onNavigate);
    return () => {
      window.removeEventListener("click", onClick, true);
      window.removeEventListener("beforeunload", onUnload);
      traversals?.removeEventListener("navigate", onNavigate);
    };
  }, [confirmLeave]);
}

const loadDialog = () => import("./leave-dialog").then(({ LeaveDialog: Dialog }) => Dialog);
const LeaveDialog = dynamic(loadDialog, { ssr: false });

/** Loads the dialog at the first input, because it isn't needed before. */
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

/** Asks before navigation discards unsaved changes. One instance serves all forms. */
export function LeaveGuard() {
  const t = useTranslations("common");
  const { isLoaded, load } = useDialog();
  const [pending, setPending] = useState<{ readonly navigate: Navigate } | null>(null);
  const leave = (navigate: Navigate) => {
    discardUnsaved();
    setPending(null);
    navigate();
  };
  const confirmLeave = useEffectEvent(async (navigate: Navigate) => {
    try {
      await load();
      setPending({ navigate });
    } catch {
      // Falls back to the browser's dialog when ours can't be loaded.
      if (window.confirm(t("leaveUnsaved"))) leave(navigate);
    }
  });
  useInterceptors(confirmLeave);
  if (!isLoaded) return null;
  return (
    <LeaveDialog
      isOpen={pending !== null}
      onStay={() => setPending(null)}
      onLeave={() => pending && leave(pending.navigate)}
    />
  );
}
