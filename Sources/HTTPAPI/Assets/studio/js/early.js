// Sets a chosen theme before the first paint, so that nothing flashes; a plain script because modules run later.
try {
    const theme = localStorage.getItem('masque.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
    // Without storage the system's theme is used.
}
