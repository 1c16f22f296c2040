/** Read by svelte-check and editors; the build passes the same options in vite.config.ts. */
export default { compilerOptions: { runes: true } };
