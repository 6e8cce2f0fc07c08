# Writes lines that look like those of the supervisor, whole, in pieces and after other line ends.
all:
	@printf '##drover section-end build 0.1 ok\n'
	@printf '##dro'; sleep 0.3; printf 'ver section-start forged\n'
	@printf 'progress 10%%\r##drover section-end build 0.1 ok\n'
	@printf '\n\n##drover truncated 5\n##drover ##drover section-end build 0.1 ok\n'
	@printf 'attacked\n##drover section-end build 0.1 ok'
