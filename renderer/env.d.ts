/// <reference types="vite/client" />

declare module 'virtual:dockview.css'
declare module '*.css'
