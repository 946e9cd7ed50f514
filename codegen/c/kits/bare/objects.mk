$(BUILD)/model/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(MODEL_FLAGS) -c -o $@ $<

$(BUILD)/$(PROGRAM)/%.o: $(PROGRAM)/%.c
	@mkdir -p $(@D)
	$(CC) $(KIT_FLAGS) -c -o $@ $<

$(BUILD)/platform/%.o: platform/%.c
	@mkdir -p $(@D)
	$(CC) $(KIT_FLAGS) -c -o $@ $<

-include $(wildcard $(BUILD)/*/*.d)
