// SPDX-License-Identifier: Apache-2.0
/*
 * Reads Kconfig files and a configuration, and writes .config (--defconfig=FILE,
 * --olddefconfig) or what make and the compiler read of it (--syncconfig).
 *
 * Understood: config, bool, int, default, "depends on A && !B", source; help
 * texts, menus and comments are passed over. A file is written only when its
 * content changes, so that nothing is compiled again without need.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SYMBOLS 128
#define MAX_LINE 512
#define MAX_TEXT 16384

struct symbol {
	char name[64];
	bool is_int;
	char depends[128];
	char preset[64]; /* from "default" */
	char value[64];  /* "y", "n" or a number */
};

static struct symbol symbols[MAX_SYMBOLS];
static int symbol_count;

static void die(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: error: %s\n", file, line, what);
	exit(1);
}

static struct symbol *find(const char *name)
{
	for (int i = 0; i < symbol_count; i++)
		if (!strcmp(symbols[i].name, name))
			return &symbols[i];
	return NULL;
}

/* The text behind word if the line starts with it, else NULL. */
static char *after(char *line, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(line, word, length) || (line[length] && !isspace(line[length])))
		return NULL;
	line += length;
	while (isspace(*line))
		line++;
	return line;
}

static char *trim(char *line)
{
	char *end;

	while (isspace(*line))
		line++;
	end = line + strlen(line);
	while (end > line && isspace(end[-1]))
		*--end = '\0';
	return line;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

static void read_kconfig(const char *file);

static void read_entry(char *line, struct symbol **symbol, const char *file, int number)
{
	char *rest;

	if ((rest = after(line, "config"))) {
		if (symbol_count == MAX_SYMBOLS)
			die(file, number, "too many symbols");
		if (find(rest))
			die(file, number, "symbol defined twice");
		*symbol = &symbols[symbol_count++];
		copy((*symbol)->name, sizeof((*symbol)->name), rest);
		copy((*symbol)->preset, sizeof((*symbol)->preset), "n");
	} else if ((rest = after(line, "source"))) {
		rest++;
		rest[strcspn(rest, "\"")] = '\0';
		read_kconfig(rest);
		*symbol = NULL;
	} else if (after(line, "mainmenu") || after(line, "menu") || after(line, "endmenu")) {
		*symbol = NULL;
	} else if (!*symbol) {
		die(file, number, "attribute outside of a config entry");
	} else if (after(line, "int")) {
		(*symbol)->is_int = true;
	} else if ((rest = after(line, "default"))) {
		copy((*symbol)->preset, sizeof((*symbol)->preset), rest);
	} else if ((rest = after(line, "depends on"))) {
		copy((*symbol)->depends, sizeof((*symbol)->depends), rest);
	} else if (!after(line, "bool")) {
		die(file, number, "unknown attribute");
	}
}

static void read_kconfig(const char *file)
{
	char text[MAX_LINE];
	struct symbol *symbol = NULL;
	bool in_help = false;
	FILE *in = fopen(file, "r");

	if (!in)
		die(file, 0, "cannot be read");
	for (int number = 1; fgets(text, sizeof(text), in); number++) {
		char *line = trim(text);

		/* A help text ends with the first line that is not indented. */
		if (in_help && *line && !isspace(text[0]))
			in_help = false;
		if (in_help || !*line || *line == '#')
			continue;
		if (!strcmp(line, "help"))
			in_help = true;
		else
			read_entry(line, &symbol, file, number);
	}
	fclose(in);
}

static bool depends_met(const char *expression)
{
	char text[128];

	copy(text, sizeof(text), expression);
	for (char *word = strtok(text, " &"); word; word = strtok(NULL, " &")) {
		bool negated = *word == '!';
		struct symbol *symbol = find(word + negated);
		bool set = symbol && !strcmp(symbol->value, "y");

		if (set == negated)
			return false;
	}
	return true;
}

static void read_config(const char *file)
{
	char text[MAX_LINE];
	FILE *in = fopen(file, "r");

	if (!in)
		die(file, 0, "cannot be read");
	for (int number = 1; fgets(text, sizeof(text), in); number++) {
		char *line = trim(text), *equals = strchr(line, '=');
		struct symbol *symbol;

		if (!*line || *line == '#')
			continue;
		if (strncmp(line, "CONFIG_", 7) || !equals)
			die(file, number, "expected CONFIG_NAME=value");
		*equals = '\0';
		symbol = find(line + 7);
		if (!symbol) {
			fprintf(stderr, "%s:%d: warning: unknown symbol: %s\n",
				file, number, line + 7);
			continue;
		}
		if (symbol->is_int != !!isdigit(equals[1]))
			die(file, number, "value does not fit the type");
		copy(symbol->value, sizeof(symbol->value), equals + 1);
	}
	fclose(in);
}

/* Symbols come after what they depend on, so one pass is enough. */
static void settle(bool with_presets)
{
	for (int i = 0; i < symbol_count; i++) {
		struct symbol *symbol = &symbols[i];

		if (!symbol->value[0])
			copy(symbol->value, sizeof(symbol->value),
			     with_presets ? symbol->preset : "n");
		if (symbol->depends[0] && !depends_met(symbol->depends))
			copy(symbol->value, sizeof(symbol->value), "n");
	}
}

static void write_if_changed(const char *file, const char *text)
{
	static char old[MAX_TEXT];
	FILE *stream = fopen(file, "r");
	size_t length = 0;

	if (stream) {
		length = fread(old, 1, sizeof(old) - 1, stream);
		fclose(stream);
		old[length] = '\0';
		if (!strcmp(old, text))
			return;
	}
	stream = fopen(file, "w");
	if (!stream || fputs(text, stream) == EOF || fclose(stream) == EOF)
		die(file, 0, "cannot be written");
}

/* set and unset are formats that take the name, set also the value. */
static char *render(const char *head, const char *set, const char *unset, bool is_header)
{
	static char text[MAX_TEXT];
	size_t used = snprintf(text, sizeof(text), "%s", head);

	for (int i = 0; i < symbol_count; i++) {
		struct symbol *symbol = &symbols[i];
		const char *value = symbol->value;
		char line[256];

		if (!strcmp(value, "n"))
			snprintf(line, sizeof(line), unset, symbol->name);
		else
			snprintf(line, sizeof(line), set, symbol->name,
				 is_header && *value == 'y' ? "1" : value);
		if (used + strlen(line) >= sizeof(text))
			die("Kconfig", 0, "configuration too long");
		strcpy(text + used, line);
		used += strlen(line);
	}
	return text;
}

int main(int argc, char **argv)
{
	const char *mode = argc == 3 ? argv[1] : "";
	bool sync = !strcmp(mode, "--syncconfig");

	if (!sync && strcmp(mode, "--olddefconfig") && strncmp(mode, "--defconfig=", 12)) {
		fprintf(stderr, "usage: conf --defconfig=FILE|--olddefconfig|--syncconfig KCONFIG\n");
		return 2;
	}
	read_kconfig(argv[2]);
	read_config(mode[2] == 'd' ? mode + 12 : ".config");
	settle(true);
	if (sync) {
		write_if_changed("include/generated/autoconf.h",
			render("/* Automatically generated file; DO NOT EDIT. */\n",
			       "#define CONFIG_%s %s\n", "", true));
		/* Always written: its time says when .config was last read. */
		remove("include/config/auto.conf");
		write_if_changed("include/config/auto.conf",
			render("# Automatically generated file; DO NOT EDIT.\n",
			       "CONFIG_%s=%s\n", "", false));
		return 0;
	}
	write_if_changed(".config",
		render("#\n# Automatically generated file; DO NOT EDIT.\n#\n",
		       "CONFIG_%s=%s\n", "# CONFIG_%s is not set\n", false));
	printf("#\n# configuration written to .config\n#\n");
	return 0;
}
