import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Route, Routes } from "react-router";
import { ErrorBoundary } from "./app/ErrorBoundary";
import { Waiting } from "./app/Waiting";
import "./i18n";
import "./ui/base.css";

// A caller's phone loads the first of these only: no part of the back office comes with it.
const CallPage = lazy(() => import("./caller/CallPage"));
const Office = lazy(() => import("./app/Office"));

const root = document.getElementById("root");
if (root === null) throw new Error("index.html lacks #root");

createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <BrowserRouter>
        <Suspense fallback={<Waiting />}>
          <Routes>
            <Route path="/call" element={<CallPage />} />
            <Route path="*" element={<Office />} />
          </Routes>
        </Suspense>
      </BrowserRouter>
    </ErrorBoundary>
  </StrictMode>,
);
